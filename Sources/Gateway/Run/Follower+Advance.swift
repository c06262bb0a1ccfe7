internal import Rollouts

extension Follower {
    /// One round. Nil: something moved, go round again.
    func advance(_ rollout: Rollout) async throws(Setback) -> Next? {
        guard let footing = rollout.footing else { return try await stand(rollout) }
        if footing.isVacant { return await leaveUntouched(rollout, footing) }
        if rollout.phase.isEnded { return try await drain(rollout, footing) }
        let isFresh =
            sighting != nil && appliedEpoch != rollout.epoch
            && clock.now() - seenAt < site.configuration.resync * 2
        var isBlind = false
        if !isFresh {
            try await look(rollout, footing)
        } else if rollout.phase.name == .aborting {
            isBlind = mayGoBlindly(rollout)
            if !isBlind { try await lookAtTargets() }
        }
        guard let seen = sighting else { throw .outdated }
        note(seen, rollout, footing)
        let terms = try await telemetryTerms(rollout)
        var state = GatewayState.desired(for: rollout, on: footing, terms)
        if let cause = gone(seen, rollout, footing) {
            try await shield(seen, rollout, footing, state)
            return await stop(for: cause, rollout)
        }
        if rollout.phase.posture == .handsOff {
            await show(rollout)
            return .idle(site.configuration.resync)
        }
        let isSwitching = isSettlingIn(seen, rollout, state)
        if isSwitching, rollout.phase.name == .promoting { state.goal = .share(.none) }
        state.owesStable = blindEpoch == rollout.epoch
        var list: [Change]
        do throws(WeightPlanError) {
            list = try changes(from: seen, to: state)
        } catch {
            return await stop(for: inexact(error, rollout), rollout)
        }
        if isBlind { list = list.untilCanaryIsOut }
        let drift = drift(seen, state, list, rollout)
        // What tells of the traffic comes before the canary's first, and after all that must go
        // down.
        let isBefore = seen.leavesCanaryOut(by: state.sides)
        let isComplete = list.allSatisfy { $0.weight != nil }
        if isBefore, !isComplete, state.telemetry != .untouched { list = list.beforeCanary }
        if drift.writesNothing || list.isEmpty || (isBefore && isComplete) {
            switch try await attend(rollout, footing, state, isPossible: terms != nil) {
            case .settled: break
            case .moved: return nil
            case .stop(let cause): return await stop(for: cause, rollout)
            }
        }
        switch drift {
        case .none: break
        case .leave:
            await show(rollout)
            return .idle(site.configuration.resync)
        case .stop(let cause):
            return await stop(for: cause, rollout)
        case .repair:
            repairs.append(clock.now())
        }
        if !list.isEmpty {
            if let next = try await perform(list, rollout, footing, state) { return next }
            return nil
        }
        appliedEpoch = rollout.epoch
        return try await confirm(rollout, footing, state, isSwitching: isSwitching)
    }

    /// A stable target that was taken away left the canary more than it may have.
    private func shield(
        _ seen: Sighting, _ rollout: Rollout, _ footing: Footing, _ state: GatewayState
    ) async throws(Setback) {
        let targets = state.sides.weighed(seen.targets, addressCounts: seen.addressCounts)
        guard rollout.phase.posture != .handsOff, let present = share(of: targets),
            present > ExactShare(rollout.wantedShare)
        else { return }
        var list: [Change] = []
        // Where no weights give the share, there is nothing left to hold it with.
        do throws(WeightPlanError) { list = try changes(from: seen, to: state) } catch { return }
        let weights = list.filter { $0.weight != nil }
        _ = try await perform(weights, rollout, footing, state)
    }

    /// Reads the rows through the first node that answers, unless something newer is saved.
    func look(_ rollout: Rollout, _ footing: Footing) async throws(Setback) {
        let (source, name) = (site.source, name)
        let isAbort = rollout.phase.name == .aborting
        let seen = try await site.read(isAbort: isAbort) { node throws(NodeError) in
            try await Sighting.read(footing, from: node, remade: rollout.plan.adopt) {
                await source.saved(name)?.epoch == rollout.epoch
            }
        }
        guard let seen else { throw .overtaken }
        sighting = seen
        seenAt = clock.now()
        view.isReachable = true
        view.appliedAt = clock.timestamp()
    }

    /// Whether what was last read is new enough for an abort's first writes, so that these wait for
    /// nothing. Only once: right after them it is looked whether stable is still there.
    private func mayGoBlindly(_ rollout: Rollout) -> Bool {
        guard blindEpoch != rollout.epoch, clock.now() - seenAt < site.configuration.resync else {
            return false
        }
        blindEpoch = rollout.epoch
        return true
    }

    /// The least that must be known before the canary goes: that stable is still there.
    private func lookAtTargets() async throws(Setback) {
        guard let id = sighting?.upstream?.id else { return }
        let rows = try await site.read(isAbort: true) { node throws(NodeError) in
            try await node.targets(of: id)
        }
        guard let rows else { throw .outdated }
        sighting?.targets = rows
        view.isReachable = true
        view.appliedAt = clock.timestamp()
    }

    /// Brings the view up to what was read.
    func note(_ seen: Sighting, _ rollout: Rollout, _ footing: Footing) {
        let sides = VersionSides(plan: rollout.plan, footing: footing)
        let weighed = sides.weighed(seen.targets, addressCounts: seen.addressCounts)
        let isReached = seen.service.map { $0.host == footing.upstream.name } ?? false
        view.applied =
            isReached ? share(of: weighed)?.roundedToNearest : TrafficShare.none
        view.targets = seen.targets.map { row in
            let label: String? =
                switch sides.side(of: row.address) {
                case .stable: rollout.plan.stableLabel
                case .canary: rollout.plan.canary.label
                case nil: nil
                }
            return GatewayView.Target(
                address: row.address, version: label, weight: row.weight,
                addresses: seen.addresses[row.address] ?? [])
        }
        view.noteUsual(seen.upstream, at: clock.timestamp())
    }

    /// A direct service was led through the upstream, and not every worker may know yet.
    private func isSettlingIn(
        _ seen: Sighting, _ rollout: Rollout, _ state: GatewayState
    ) -> Bool {
        guard state.isSwitching, seen.service?.host == state.upstreamName else { return false }
        switch rollout.phase {
        case .pending(registered: false): break
        case .promoting:
            let weighed = state.sides.weighed(seen.targets, addressCounts: seen.addressCounts)
            guard share(of: weighed) == ExactShare.none else { return false }
        case .pending, .shifting, .holding, .paused, .promoted, .aborting, .aborted:
            return false
        }
        let since = switchedAt ?? clock.now()
        switchedAt = since
        return clock.now() - since < site.configuration.routePropagation
    }

    private func inexact(_ error: WeightPlanError, _ rollout: Rollout) -> Cause {
        view.set(
            .weightsExact, .bad, "NotReachable",
            "\(rollout.wantedShare) % cannot be reached with the present targets: \(error.hint).",
            at: clock.timestamp())
        return Cause(
            by: "kong", reason: .weightsNotExact,
            message: "no weights give what is asked: \(error.hint)", at: clock.timestamp())
    }

    /// Tells why the rollout cannot go on. An abort and a promotion go on nevertheless, later.
    func stop(for cause: Cause, _ rollout: Rollout) async -> Next? {
        let finding: GatewayReport.Finding =
            switch cause.reason {
            case .loweredInKong, .entityGone, .contested: .drifted(cause)
            case .requested, .needsAdoption, .neverAdoptable, .heldElsewhere, .refusedByKong,
                .weightsNotExact, .deadlineExceeded, .gatewayUnknown, .unhealthy, .noData:
                .refused(cause)
            }
        let after = await report(finding, rollout)
        return after?.epoch == rollout.epoch ? .idle(site.configuration.resync) : nil
    }

    /// Ends a rollout that never wrote anything, without asking Kong.
    private func leaveUntouched(_ rollout: Rollout, _ footing: Footing) async -> Next? {
        let finding: GatewayReport.Finding =
            rollout.phase.isEnded ? .drained : .confirmed(.none, footing)
        let after = await report(finding, rollout)
        return after == rollout ? .soon(.seconds(1)) : nil
    }
}

extension [Change] {
    /// Up to the last write that the canary has to hear; all of it where it has to hear none.
    fileprivate var untilCanaryIsOut: [Change] {
        lastIndex { $0.weight?.side == .canary }.map { Array(self[...$0]) } ?? self
    }
}

extension Footing {
    /// Stands for a rollout that ended before anything was known of Kong.
    static func vacant(_ plan: RolloutPlan) -> Footing {
        func entity(_ name: String?) -> Entity {
            Entity(name: name ?? plan.name.description, id: nil, isOurs: false)
        }
        return Footing(
            service: entity(plan.service.name), upstream: entity(plan.upstream),
            route: entity(plan.route.name), stableTargets: plan.stableTargets ?? [], baseline: [],
            reach: .throughUpstream, serviceHost: nil, url: nil)
    }

    /// What is neither there nor ours to make was never looked for.
    var isVacant: Bool { upstream.id == nil && !upstream.isOurs }

    /// With the ids of what was read; those already known stay.
    func identified(by seen: Sighting) -> Footing {
        func entity(_ known: Entity, _ id: String?) -> Entity {
            Entity(name: known.name, id: id ?? known.id, isOurs: known.isOurs)
        }
        return Footing(
            service: entity(service, seen.service?.id),
            upstream: entity(upstream, seen.upstream?.id), route: entity(route, seen.route?.id),
            stableTargets: stableTargets, baseline: baseline, reach: reach,
            serviceHost: serviceHost, url: url, telemetry: telemetry)
    }
}
