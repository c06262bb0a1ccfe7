import Gateway
import Rollouts

// What Kong's rows and workers may say.
extension Laws {
    /// What a worker begins to serve.
    func judge(_ node: Int, _ upstream: String) {
        guard let row = kong.rows.upstreams.first(where: { $0.id == upstream }),
            let charge = charge(of: row.name), touches[charge.upstream] == nil, kong.rows.isReached(row)
        else { return }
        for worker in kong.nodes[node].workers.indices {
            guard let seen = kong.served(node, worker, upstream) else { continue }
            guard let share = charge.share(of: seen) else {
                tally.accuse("weights: node \(node) has no target above 0 for \(row.name)")
                continue
            }
            if share > Charge.allowed(charge.ceilings[node]) {
                tally.accuse(
                    "exposure: node \(node) gives \(charge.rollout.name) \(seen.sorted { $0 < $1 }), "
                        + "allowed are \(charge.ceilings[node]) %")
            }
        }
    }

    /// Whose an upstream is: the newest rollout's on it.
    func charge(of upstream: String) -> Charge? { lastUsers[upstream].flatMap { charges[$0] } }

    /// Every node that is not left out must do what was called confirmed.
    func confirm(_ rollout: Rollout, _ charge: inout Charge) {
        let share = rollout.wantedShare
        guard rollout.hasTouchedKong else { return }
        if let touched = touches[charge.upstream] {
            guard now - touched > .seconds(10) else { return }
            touches[charge.upstream] = nil
        }
        guard let row = kong.rows.upstream(charge.upstream) else {
            if share > .none { tally.accuse("confirmation: \(rollout.name) has no upstream") }
            return
        }
        // An upstream that was made and got no target yet: an abort has nothing to take back.
        if share == .none, kong.rows.weights(row.id).isEmpty, !kong.rows.isReached(row) { return }
        for node in kong.nodes.indices {
            if let since = kong.nodes[node].silentSince, now - since >= Self.grace { continue }
            for worker in kong.nodes[node].workers.indices where !kong.nodes[node].isDown {
                guard let seen = kong.served(node, worker, row.id), charge.gives(share, seen) else {
                    let seen = kong.served(node, worker, row.id)?.sorted { $0 < $1 }
                    tally.accuse(
                        "confirmation: \(rollout.name) at \(share) %, but node \(node).\(worker) "
                            + "serves \(seen.map { "\($0)" } ?? "nothing")")
                    continue
                }
            }
            charge.ceilings[node] = share
        }
    }

    /// A write of ours is about to take effect.
    func willWrite(_ write: KongWrite, sentAt: Duration) {
        switch write {
        case .setWeight(let upstream, _, _):
            if let target = kong.rows.target(write) { checkOwner(of: target.address, in: upstream) }
        case .createTarget(let upstream, let address, _, _):
            checkOwner(of: address, in: upstream)
        case .deleteTarget(let upstream, _):
            if let target = kong.rows.target(write) { checkDeletion(of: target, in: upstream) }
        case .updateService(let id, let patch): checkService(id, patch)
        case .createService(_, let columns, _): checkServes(columns.host)
        case .createUpstream, .updateUpstream, .createRoute, .updateRoute, .createPlugin,
            .updatePlugin, .deletePlugin:
            break
        }
        before = kong.rows.upstreamTouched(by: write).map { kong.rows.weights($0) }
    }

    /// It has taken effect: the rows must not say more than they may.
    func didWrite(_ write: KongWrite, sentAt: Duration) {
        guard let id = kong.rows.upstreamTouched(by: write),
            let row = kong.rows.upstreams.first(where: { $0.id == id }),
            let charge = charge(of: row.name), let before
        else { return }
        let after = kong.rows.weights(id)
        let (was, isNow) = (charge.share(of: before), charge.share(of: after))
        let isReached = kong.rows.isReached(row)
        guard let isNow else {
            if was != nil, isReached, touches[row.name] == nil {
                tally.accuse("weights: \(write) leaves no target above 0")
            }
            return
        }
        // The service writes upon what it last read, and somebody else wrote meanwhile.
        let most = max(was ?? .none, Charge.allowed(charge.ceiling))
        if touches[charge.upstream] == nil, isReached, isNow > most {
            tally.accuse(
                "exposure: \(write) gives \(after.sorted { $0 < $1 }), allowed are "
                    + "\(charge.ceiling) %")
        }
        let raises = charge.canary.contains { after[$0] ?? 0 > before[$0] ?? 0 }
        guard raises else { return }
        let margin = Duration.milliseconds(2)
        if let aborted = charge.abortedAt, sentAt > aborted + margin {
            tally.accuse("abort: \(write) raises the canary after the abort was saved")
        }
        if let stopped = charge.stoppedAt, sentAt > stopped + margin {
            tally.accuse("pause: \(write) raises the canary while that is forbidden")
        }
    }

    private func checkOwner(of address: String, in upstream: String) {
        guard let row = kong.rows.upstream(upstream), let charge = charge(of: row.name) else {
            return tally.accuse("ownership: \(address) in \(upstream) is nobody's")
        }
        let stable = charge.rollout.footing?.stableTargets.map(\.description) ?? []
        if !charge.canary.contains(address), !stable.contains(address) {
            tally.accuse("ownership: \(address) in \(upstream) is of neither version")
        }
    }

    private func checkDeletion(of target: TargetRow, in upstream: String) {
        if !target.tags.contains("kong-rollouts") {
            tally.accuse("ownership: \(target.address) is deleted without our tag")
        }
        guard let row = kong.rows.upstream(upstream), touches[row.name] == nil else { return }
        if target.weight > 0 { tally.accuse("weights: \(target.address) is deleted above 0") }
        for node in kong.nodes.indices {
            if let since = kong.nodes[node].silentSince, now - since >= Self.grace { continue }
            for worker in kong.nodes[node].workers.indices {
                let seen = kong.served(node, worker, row.id)?[target.address] ?? 0
                if seen > 0 {
                    tally.accuse("weights: \(target.address) is deleted at \(seen) on node \(node)")
                }
            }
        }
    }

    private func checkService(_ id: String, _ patch: KongWrite.ServicePatch) {
        guard let service = kong.rows.services.first(where: { $0.id == id }) else { return }
        // The newest rollout's: what it calls stable may be the canary of the one before.
        let charge = charges.values.first {
            $0.rollout.plan.service.name == service.name
                && lastUsers[$0.upstream] == $0.rollout.name
        }
        guard let charge, charge.rollout.plan.adopt || service.tags.contains("kong-rollouts") else {
            return tally.accuse("ownership: service \(service.name ?? id) is changed")
        }
        guard let host = patch.host, let row = kong.rows.upstream(host) else { return }
        checkServes(host)
        let weights = kong.rows.weights(row.id)
        if charge.canary.contains(where: { weights[$0] ?? 0 > 0 }) {
            tally.accuse("exposure: the service is switched while the canary is above 0")
        }
    }

    private func checkServes(_ host: String?) {
        guard let host, let row = kong.rows.upstream(host),
            !kong.rows.weights(row.id).values.contains(where: { $0 > 0 })
        else { return }
        // Somebody else took the last one, and the service has not been told of its targets since.
        if let hand = hands[row.name], hand >= kong.toldAt[row.id] ?? .zero { return }
        tally.accuse("weights: a service names \(host), which has no target above 0")
    }

    /// Somebody else wrote to this upstream's targets.
    ///
    /// - Parameter forGood: what was there is not made again, so nothing can be said of it.
    func touched(_ upstream: String, forGood: Bool) {
        hands[upstream] = now
        touches[upstream] = forGood ? .seconds(1 << 40) : max(touches[upstream] ?? .zero, now)
    }
}
