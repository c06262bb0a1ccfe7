import Gateway

/// A Kong cluster: rows in one database, and what each worker of each node makes of them, later.
///
/// The node that took a write has its workers follow one after the other; the others learn of it
/// by polling the database, and may see any prefix of what was written. A rebuild that meets an
/// error leaves a node at its old weights until it is written through again.
///
/// `@unchecked Sendable`: only one thread runs at any moment.
final class SimulatedKong: @unchecked Sendable {
    struct Worker {
        /// The version of each upstream's targets it serves; absent: not built.
        var seen: [String: Int] = [:]
    }

    struct Node {
        var workers: [Worker]
        /// Whom the next reads of an upstream meet, so that reads in a row meet every worker.
        var decks: [String: [Int]] = [:]
        var isDown = false
        /// The Admin API cannot be reached from here; traffic goes on.
        var isCutOff = false
        /// Takes calls and answers none.
        var isHanging = false
        /// Writes through it that it will not follow.
        var stuck = 0
        /// When it last did not answer a call, or late.
        var hinderedAt = Duration.seconds(-1)
        var isWilling: Bool { !isDown && !isCutOff && !isHanging }
        /// Since when no call was answered, as the service sees it.
        var silentSince: Duration?
    }

    /// How often what goes wrong, in 10,000 calls or rebuilds.
    struct Rates {
        var refused = 0
        var lostBefore = 0
        var lostAfter = 0
        var server = 0
        var slow = 0
        var stuck = 0
        var prefix = 2_000
    }

    let scheduler: Scheduler
    let tally: Tally
    var dice: Dice
    var rows = KongRows()
    var nodes: [Node]
    var rates = Rates()
    var isDatabaseDown = false
    /// Writes of ours that have taken effect.
    var writes = 0
    /// When the service was last told of an upstream's targets, by its id.
    var toldAt: [String: Duration] = [:]
    /// The write after which something happens before it is answered, and what.
    var trap: (write: Int, spring: () -> Void)?
    /// Weights by address, by upstream's id: every state that a worker may serve.
    private(set) var versions: [String: [[String: Int]]] = [:]
    /// Told what a worker serves now.
    var onServe: (_ node: Int, _ upstream: String) -> Void = { _, _ in }

    init(_ scheduler: Scheduler, _ tally: Tally, dice: Dice, nodes: Int, workers: Int) {
        self.scheduler = scheduler
        self.tally = tally
        self.dice = dice
        self.nodes = (0..<nodes).map { _ in
            Node(workers: (0..<workers).map { _ in Worker() })
        }
        for index in self.nodes.indices { poll(index, in: self.dice.time(.zero, .seconds(5))) }
    }

    /// Rows that were there before anything happened; every worker serves them.
    func furnish(_ change: (inout KongRows) -> Void) {
        change(&rows)
        for upstream in rows.upstreams { record(upstream.id) }
        for index in nodes.indices { serveAll(index) }
    }

    func served(_ node: Int, _ worker: Int, _ upstream: String) -> [String: Int]? {
        nodes[node].workers[worker].seen[upstream].flatMap { versions[upstream]?[$0] }
    }

    /// What the next read of this node says.
    func live(_ node: Int, _ upstream: String) -> [LiveTarget]? {
        guard let targets = rows.targets[upstream] else { return nil }
        var deck = nodes[node].decks[upstream] ?? []
        if deck.isEmpty {
            var workers = Array(nodes[node].workers.indices)
            while !workers.isEmpty { deck.append(workers.remove(at: dice.roll(workers.count))) }
        }
        let worker = deck.removeLast()
        nodes[node].decks[upstream] = deck
        let seen = served(node, worker, upstream)
        return targets.map { LiveTarget(address: $0.address, weight: seen?[$0.address]) }
    }

    /// A write of ours has taken effect.
    func noteWrite() {
        writes += 1
        guard let trap, trap.write <= writes else { return }
        self.trap = nil
        scheduler.after(.zero) { trap.spring() }
    }

    /// A change of an upstream's targets, made through a node.
    func changed(_ upstream: String, through node: Int) {
        record(upstream)
        if nodes[node].stuck > 0 { nodes[node].stuck -= 1 }
        guard nodes[node].stuck == 0 else { return }
        if dice.happens(rates.stuck) {
            tally.count("kong: node stuck at old weights")
            nodes[node].stuck = dice.roll(1...2)
            return
        }
        for worker in nodes[node].workers.indices {
            let isNew = nodes[node].workers[worker].seen[upstream] == nil
            let lag: Duration
            if isNew {
                lag = dice.time(.milliseconds(1), .milliseconds(dice.happens(3_000) ? 4_000 : 50))
            } else {
                lag = dice.time(.zero, .milliseconds(dice.happens(2_000) ? 120 : 3))
            }
            scheduler.after(lag) { [self] in serve(node, worker, upstream, prefix: false) }
        }
    }

    private func record(_ upstream: String) {
        versions[upstream, default: []].append(rows.weights(upstream))
    }

    private func serve(_ node: Int, _ worker: Int, _ upstream: String, prefix: Bool) {
        guard !nodes[node].isDown, nodes[node].stuck == 0, let count = versions[upstream]?.count
        else { return }
        let before = nodes[node].workers[worker].seen[upstream]
        var version = count - 1
        if prefix, dice.happens(rates.prefix) {
            let least = before ?? 0
            version = least + dice.roll(count - least)
        }
        guard before.map({ $0 < version }) ?? true else { return }
        nodes[node].workers[worker].seen[upstream] = version
        tally.note("node \(node).\(worker) \(upstream) \(version)")
        onServe(node, upstream)
    }

    private func poll(_ node: Int, in pause: Duration) {
        scheduler.after(pause) { [self] in
            if !isDatabaseDown {
                for upstream in rows.upstreams {
                    for worker in nodes[node].workers.indices {
                        serve(node, worker, upstream.id, prefix: true)
                    }
                }
            }
            poll(node, in: .seconds(5))
        }
    }

    private func serveAll(_ node: Int) {
        for upstream in rows.upstreams {
            for worker in nodes[node].workers.indices {
                serve(node, worker, upstream.id, prefix: false)
            }
        }
    }

    /// A restarted node reads everything anew.
    func restart(_ node: Int, for outage: Duration) {
        guard !nodes[node].isDown else { return }
        tally.count("kong: node restarted")
        nodes[node].isDown = true
        nodes[node].hinderedAt = scheduler.now
        nodes[node].stuck = 0
        for worker in nodes[node].workers.indices { nodes[node].workers[worker].seen = [:] }
        scheduler.after(outage) { [self] in
            nodes[node].isDown = false
            serveAll(node)
        }
    }
}
