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
        guard let row = kong.rows.upstream(charge.upstream) else {
            if rollout.phase == .promoted { tally.accuse("convergence: \(name) has no upstream") }
            return
        }
        let weights = kong.rows.weights(row.id)
        let share = rollout.wantedShare
        let isVacant =
            rollout.footing.map { $0.upstream.id == nil && !$0.upstream.isOurs } ?? true
        guard !isVacant, laws.touches[charge.upstream] == nil, kong.rows.isReached(row) else { return }
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
        guard case .aborted = rollout.phase else { return }
        for target in rollout.footing?.baseline ?? [] {
            let address = target.address.description
            guard !charge.canary.contains(address), weights[address] != target.weight else {
                continue
            }
            tally.accuse(
                "convergence: \(name) was aborted, \(address) has \(weights[address] ?? -1), had "
                    + "\(target.weight)")
        }
    }

    func checkBystander() {
        guard let row = kong.rows.upstream("bystander"),
            kong.rows.weights(row.id) == ["x:80": 60, "y:80": 40],
            kong.rows.services.first(where: { $0.name == "servicebystander" })?.host == "bystander"
        else { return tally.accuse("ownership: the bystander was changed") }
    }
}
