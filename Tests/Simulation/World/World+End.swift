import Engine
import Gateway
import Rollouts

// What must be true when nothing has gone wrong for a while.
extension World {
    func checkEnd(of name: RolloutName) {
        guard let charge = laws.charges[name] else { return }
        let rollout = charge.rollout
        guard rollout.phase.isEnded else {
            return tally.accuse("convergence: \(name) stays \(rollout.phase.name)")
        }
        if !rollout.isDrained { tally.accuse("convergence: \(name) is not drained") }
        // Another came after it.
        guard laws.lastUsers[charge.upstream] == name else { return }
        guard let row = kong.rows.upstream(charge.upstream) else {
            if rollout.phase == .promoted { tally.accuse("convergence: \(name) has no upstream") }
            return
        }
        let weights = kong.rows.weights(row.id)
        let share = rollout.wantedShare
        guard rollout.hasTouchedKong, !(share == .none && weights.isEmpty),
            laws.touches[charge.upstream] == nil, kong.rows.isReached(row)
        else { return }
        if !charge.gives(share, weights) {
            tally.accuse("convergence: \(name) at \(share) %, rows \(weights.sorted { $0 < $1 })")
        }
        for node in kong.nodes.indices {
            for worker in kong.nodes[node].workers.indices {
                let seen = kong.served(node, worker, row.id) ?? [:]
                if !charge.gives(share, seen) {
                    tally.accuse(
                        "convergence: \(name) at \(share) %, node \(node).\(worker) serves "
                            + "\(seen.sorted { $0 < $1 })")
                }
            }
        }
        // What somebody took away is not made again by an abort.
        guard case .aborted = rollout.phase, !hasDeleted else { return }
        // What stood at 0 may be another rollout's, which takes it away when it has drained; what
        // is of neither version is somebody else's to weigh at any time, and no write of ours may.
        let stable = Set(rollout.footing?.stableTargets ?? [])
        for target in rollout.footing?.baseline ?? [] where target.weight > 0 {
            let address = target.address.description
            guard stable.contains(target.address), !charge.canary.contains(address),
                weights[address] != target.weight
            else { continue }
            tally.accuse(
                "convergence: \(name) was aborted, \(address) has \(weights[address] ?? -1), had "
                    + "\(target.weight)")
        }
    }

    /// After 45 s without trouble everything that can move has moved, and what is shown is true.
    func checkCalm() {
        for name in laws.charges.keys.sorted() {
            guard let rollout = laws.charges[name]?.rollout,
                let state = process?.engine?.state(of: name)
            else {
                tally.accuse("truth: \(name) is not shown")
                continue
            }
            if state.rollout != rollout { tally.accuse("truth: \(name) is shown as it is not") }
            let age = timestamp.milliseconds(since: rollout.phaseSince)
            switch rollout.phase {
            case .pending(registered: false), .shifting, .promoting, .aborting:
                if age > 40_000 {
                    tally.accuse("convergence: \(name) is \(rollout.phase.name) for \(age) ms")
                }
            case .holding where age > 20_000: checkShown(state)
            case .holding, .pending(registered: true), .paused, .promoted, .aborted: break
            }
        }
    }

    private func checkShown(_ state: RolloutState) {
        guard let charge = laws.charges[state.rollout.name], laws.touches[charge.upstream] == nil,
            let row = kong.rows.upstream(charge.upstream)
        else { return }
        let name = state.rollout.name
        let weights = kong.rows.weights(row.id)
        if state.view.applied != charge.shareOfVersions(weights)?.roundedToNearest {
            tally.accuse("truth: \(name) applies \(weights), shown as \(state.view.applied as Any)")
        }
        let everyWorker = kong.nodes.indices.flatMap { node in
            kong.nodes[node].workers.indices.map { kong.served(node, $0, row.id) ?? [:] }
        }
        if everyWorker.contains(where: { !charge.gives(state.rollout.wantedShare, $0) }) {
            tally.accuse("truth: \(name) is holding and not every worker serves its share")
        }
        if state.view.confirmedAt == nil { tally.accuse("truth: \(name) holds unconfirmed") }
    }

    /// While the service lives and some node answers, an abort is in Kong in time, whatever the
    /// others do: a node that hangs costs it a second, and the next one is asked.
    func watchAbort(of name: RolloutName) {
        guard let life = process else { return }
        let start = scheduler.now
        let willing = kong.nodes.indices.filter { kong.nodes[$0].isWilling }
        scheduler.after(Self.abortLimit) { [self] in
            guard process === life, life.isAlive, laws.charges[name]?.abortedAt == start,
                willing.contains(where: {
                    kong.nodes[$0].isWilling && kong.nodes[$0].hinderedAt < start
                })
            else { return }
            checkAborted(name)
        }
    }

    private static let abortLimit = Duration.seconds(8)

    /// Nothing stands in the way: an abort is in Kong soon.
    func checkAborted(_ name: RolloutName) {
        guard let charge = laws.charges[name], charge.rollout.hasTouchedKong,
            laws.lastUsers[charge.upstream] == name,
            let row = kong.rows.upstream(charge.upstream)
        else { return }
        let weights = kong.rows.weights(row.id)
        if let address = charge.canary.sorted().first(where: { weights[$0] ?? 0 > 0 }) {
            guard laws.touches[charge.upstream] == nil, kong.rows.isReached(row) else { return }
            tally.accuse("abort: \(address) still has \(weights[address] ?? 0)")
        }
    }

    func checkBystander() {
        guard let row = kong.rows.upstream("bystander"),
            kong.rows.weights(row.id) == ["x:80": 60, "y:80": 40],
            kong.rows.services.first(where: { $0.name == "servicebystander" })?.host == "bystander"
        else { return tally.accuse("ownership: the bystander was changed") }
    }
}
