import Gateway
import Rollouts
import Synchronization

/// A Kong in memory: rows of one database, and the live weights of each node. It refuses what Kong
/// refuses and keeps every state that traffic could have seen.
final class FakeKong: Sendable {
    enum Fault: Sendable { case unreachable, lostBefore, lostAfter, server, refused }

    struct Node: Sendable {
        /// By upstream id, then address.
        var live: [String: [String: Int]] = [:]
        var isDown = false
        /// Takes calls and answers none until the caller gives up.
        var isHanging = false
        /// Does not follow any write until it is kicked that often.
        var stuckFor = 0
        var readsTheDatabaseAt: Duration?
    }

    struct State: Sendable {
        var services: [ServiceRow] = []
        var routes: [RouteRow] = []
        var upstreams: [UpstreamRow] = []
        var targets: [String: [TargetRow]] = [:]
        var plugins: [PluginRow] = []
        var refusesPlugins = false
        /// Writes of plugins are never answered; and one of them waits.
        var hangsPlugins = false
        var isHangingNow = false
        /// No canary may get traffic that was never told of.
        var expectsTelemetry = false
        var hasToldOnce = false
        /// Writes some values of plugins in its own way.
        var normalises = false
        var nodes: [Node]
        var nextID = 1
        var writes: [KongWrite] = []
        var writesThrough: [Int] = []
        var calls = 0
        /// For each call whether it was a write.
        var trace: [Bool] = []
        /// What targets resolve to.
        var addresses: [String: [String]] = [:]
        var unresolved: Set<String> = []
        /// Taken out by health checks.
        var unhealthy: Set<String> = []
        var facts = NodeFacts(version: "3.9.1", id: "n", workers: 2, database: "postgres")
        /// What went against a promise, in words.
        var violations: [String] = []
        /// The largest canary share that any node may serve now.
        var limit = ExactShare.all
        var canaries: Set<String> = []
        var peak = ExactShare.none

        mutating func id(_ kind: String) -> String {
            defer { nextID += 1 }
            return "\(kind)-\(nextID)"
        }

        mutating func sync(_ node: Int) {
            for (upstream, rows) in targets {
                nodes[node].live[upstream] = Dictionary(
                    rows.map { ($0.address, $0.weight) }, uniquingKeysWith: { $1 })
            }
            nodes[node].readsTheDatabaseAt = nil
            judge(node)
        }

        mutating func judge(_ node: Int) {
            for upstream in upstreams {
                guard services.contains(where: { $0.host == upstream.name }) else { continue }
                let live = nodes[node].live[upstream.id] ?? [:]
                let canary = live.filter { canaries.contains($0.key) }.values.reduce(0, +)
                let stable = live.values.reduce(0, +) - canary
                guard let share = ExactShare(canaryWeight: canary, stableWeight: stable) else {
                    violations.append("node \(node) has no target above 0 in \(upstream.name)")
                    continue
                }
                peak = max(peak, share)
                if share > limit {
                    violations.append("node \(node) gives \(canary):\(stable) to the canary")
                }
            }
        }
    }

    let state: Mutex<State>
    let fault: @Sendable (_ node: Int, _ isWrite: Bool) -> Fault?
    let now: @Sendable () -> Duration
    /// How long another node needs to see a write in the database.
    let lag: Duration

    init(
        nodes: Int = 1, lag: Duration = .seconds(4), now: @escaping @Sendable () -> Duration,
        fault: @escaping @Sendable (Int, Bool) -> Fault? = { _, _ in nil }
    ) {
        state = Mutex(State(nodes: Array(repeating: Node(), count: nodes)))
        self.now = now
        self.lag = lag
        self.fault = fault
    }

    var nodes: [FakeNode] {
        (0..<state.withLock { $0.nodes.count }).map { FakeNode(kong: self, index: $0) }
    }

    func edit(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    func read<Value>(_ path: KeyPath<State, Value>) -> Value {
        let snapshot = state.withLock { $0 }
        return snapshot[keyPath: path]
    }

    /// Nodes look at the database when their time has come.
    func tick() {
        let instant = now()
        state.withLock { state in
            for index in state.nodes.indices {
                if let due = state.nodes[index].readsTheDatabaseAt, due <= instant {
                    state.sync(index)
                }
            }
        }
    }

    func upstream(_ name: String, _ targets: [(String, Int)], tags: [String] = []) {
        state.withLock { state in
            let id = state.id("upstream")
            state.upstreams.append(UpstreamRow(id: id, name: name, tags: tags))
            state.targets[id] = targets.map {
                TargetRow(id: state.id("target"), address: $0.0, weight: $0.1, tags: tags)
            }
            for node in state.nodes.indices { state.sync(node) }
        }
    }

    func service(_ name: String, host: String, tags: [String] = []) {
        state.withLock { state in
            state.services.append(
                ServiceRow(id: state.id("service"), name: name, host: host, tags: tags))
        }
    }

    func route(_ name: String, service: String, path: String = "/predict", tags: [String] = []) {
        state.withLock { state in
            let id = state.services.first { $0.name == service }?.id
            state.routes.append(
                RouteRow(
                    id: state.id("route"), name: name, serviceID: id, paths: [path], tags: tags))
        }
    }

    /// Somebody else's plugin; of everything where neither is given.
    func plugin(
        _ name: String, route: String? = nil, service: String? = nil, consumer: String? = nil,
        isEnabled: Bool = true, tags: [String] = [], _ columns: PluginColumns = .other
    ) {
        state.withLock { state in
            let route = route.map { name in state.routes.first { $0.name == name }?.id ?? name }
            let service = service.map { name in
                state.services.first { $0.name == name }?.id ?? name
            }
            state.plugins.append(
                PluginRow(
                    id: state.id("plugin"), name: name, routeID: route, serviceID: service,
                    consumerID: consumer, isEnabled: isEnabled, tags: tags, columns: columns))
        }
    }

    func weights(_ upstream: String) -> [String: Int] {
        state.withLock { state in
            guard let id = state.upstreams.first(where: { $0.name == upstream })?.id else {
                return [:]
            }
            return Dictionary(
                (state.targets[id] ?? []).map { ($0.address, $0.weight) }, uniquingKeysWith: { $1 })
        }
    }

    /// Somebody else's hand: every node follows at once.
    func setWeight(_ address: String, in upstream: String, to weight: Int) {
        state.withLock { state in
            guard let id = state.upstreams.first(where: { $0.name == upstream })?.id,
                let index = state.targets[id]?.firstIndex(where: { $0.address == address })
            else { return }
            state.targets[id]?[index].weight = weight
            for node in state.nodes.indices { state.sync(node) }
        }
    }
}
