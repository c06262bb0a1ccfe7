import RolloutJSON
import Rollouts

extension RolloutEngine {
    /// Tells whoever counts the traffic what is true of `rollout` now.
    func watch(_ rollout: Rollout, _ view: GatewayView) {
        guard let traffic else { return }
        let name = rollout.name
        let known = watches[name]?.wrappedValue
        guard let wanted = Self.watched(rollout, view, known: known?.step) else {
            if watches.removeValue(forKey: name) != nil { traffic.forget(name) }
            return
        }
        if let due = Self.silenceDue(rollout, traffic.lastRecord(of: name)) {
            look(at: name, due: due)
        }
        guard wanted != known else { return }
        let isNew = watches.updateValue(Boxed(wrappedValue: wanted), forKey: name) == nil
        traffic.watch(wanted, evidence: isNew ? evidence[name]?.kept.evidence : nil)
        if isNew, let pending = evidence[name]?.kept.measurements, !pending.isEmpty {
            traffic.measured(pending, of: name, at: now())
        }
        // Raised before a restart, and not acted upon.
        if traffic.alarm(of: name) != nil { look(at: name, due: now()) }
    }

    /// Whether a save changed something of what is watched; what was seen in Kong is told apart.
    /// Most commands change nothing of it, and to put it together costs more than they do.
    func isNewToWatch(_ next: Rollout, over present: Rollout?, _ view: GatewayView) -> Bool {
        guard let known = watches[next.name]?.wrappedValue else {
            return traffic != nil && next.plan.analysis.isEnabled
        }
        guard let present, !next.phase.isEnded, next.$plan == present.$plan,
            next.$footing == present.$footing
        else { return true }
        return Self.watchedStep(next, view, known: known.step) != known.step
    }

    /// Nil: nothing of it is judged, or not yet.
    ///
    /// - Parameter known: the step that is watched already.
    static func watched(
        _ rollout: Rollout, _ view: GatewayView, known: WatchedRollout.Step?
    ) -> WatchedRollout? {
        let plan = rollout.plan
        guard plan.analysis.isEnabled, let secret = rollout.telemetrySecret,
            !rollout.phase.isEnded, let footing = rollout.footing
        else { return nil }
        var addresses: [String: [String]] = [:]
        for target in view.targets where !target.addresses.isEmpty {
            addresses[target.address] = target.addresses
        }
        let step = watchedStep(rollout, view, known: known)
        // An upstream that hashes holds no percentage, so that none can be missed.
        return WatchedRollout(
            name: rollout.name, secret: secret, policy: plan.analysis,
            stable: Version(label: plan.stableLabel, targets: footing.stableTargets),
            canary: plan.canary, addresses: addresses, step: step,
            expected: plan.sticky ? nil : step?.share,
            forwards: footing.telemetry?.forwards ?? [])
    }

    /// A pause within a hold does not end its step: traffic goes on as before.
    private static func watchedStep(
        _ rollout: Rollout, _ view: GatewayView, known: WatchedRollout.Step?
    ) -> WatchedRollout.Step? {
        switch rollout.phase {
        case .holding(let position, let since, _):
            let share = position.share(in: rollout.plan.steps)
            if let known, known.share == share { return known }
            return WatchedRollout.Step(share: share, since: view.confirmedAt ?? since)
        case .paused(let pause):
            guard case .holding(let position, _) = pause.interrupted else { return nil }
            let share = position.share(in: rollout.plan.steps)
            if let known, known.share == share { return known }
            return WatchedRollout.Step(share: share, since: rollout.phaseSince)
        case .pending, .shifting, .promoting, .promoted, .aborting, .aborted:
            return nil
        }
    }

    /// What the traffic showed, as far as it says something of `next`.
    func traffic(of next: Rollout) -> TrafficView? {
        guard watches[next.name] != nil, var view = board[next.name]?.traffic else { return nil }
        guard let present = board[next.name]?.rollout, present.phase.position == next.phase.position
        else {
            view.canaryRequests = 0
            view.verdict = .inconclusive
            return view
        }
        return view
    }
}
