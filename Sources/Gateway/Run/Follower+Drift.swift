internal import Rollouts

extension Follower {
    enum Drift {
        /// Nobody else has moved anything, or the rows are still on their way.
        case none
        /// Somebody lowered the share, which is theirs to do.
        case leave
        case stop(Cause)
        /// Somebody raised the share.
        case repair

        var writesNothing: Bool {
            switch self {
            case .leave, .stop: true
            case .none, .repair: false
            }
        }
    }

    /// At most that many repairs in ten minutes.
    private static let repairLimit = 3

    /// Whether the rows stood as wanted before, so that a difference is somebody else's doing.
    private func hasStood(_ rollout: Rollout) -> Bool {
        switch rollout.phase {
        case .pending(let isRegistered): isRegistered || appliedEpoch == rollout.epoch
        case .holding: true
        case .shifting, .promoting, .aborting: appliedEpoch == rollout.epoch
        case .paused(let pause):
            switch pause.interrupted {
            case .holding, .pending(registered: true): true
            case .shifting, .pending(registered: false): appliedEpoch == rollout.epoch
            }
        case .promoted, .aborted: false
        }
    }

    /// Whether the phase ends when what is wanted was confirmed.
    private func isOnItsWay(_ rollout: Rollout) -> Bool {
        switch rollout.phase {
        case .pending(let isRegistered): !isRegistered
        case .shifting, .promoting, .aborting: true
        case .holding, .paused, .promoted, .aborted: false
        }
    }

    func drift(
        _ seen: Sighting, _ state: GatewayState, _ list: [Change], _ rollout: Rollout
    ) -> Drift {
        let targets = state.sides.weighed(seen.targets, addressCounts: seen.addressCounts)
        let wanted = ExactShare(rollout.wantedShare)
        let present = share(of: targets)
        let isAbove = present.map { $0 > wanted } ?? false
        let isLowerOnly = rollout.phase.posture == .lowerOnly
        let isPaused = rollout.phase.name == .paused
        if isLowerOnly, !isAbove { return .leave }
        let hasStood = hasStood(rollout)
        if let difference = detour(seen, state, rollout), hasStood || !state.mayChangeService {
            return isPaused ? .leave : .stop(detoured(difference, rollout))
        }
        guard hasStood || isLowerOnly else { return .none }
        guard list.contains(where: { $0.weight != nil }) else { return .none }
        switch rollout.phase.name {
        case .aborting, .promoting:
            return .none
        case .pending, .shifting, .holding, .paused, .promoted, .aborted:
            break
        }
        if isAbove { return tooMany(rollout) ?? .repair }
        // What is left alone before it was confirmed never would be.
        let otherwise: Drift = isOnItsWay(rollout) ? .none : .leave
        guard present != wanted, !isPaused else { return otherwise }
        guard let present, let reached = achieved(list, from: targets), present < reached else {
            return otherwise
        }
        return .stop(
            lowered(
                .init(
                    entity: "upstreams/\(state.upstreamName)", field: "canary share",
                    present: "\(present.roundedToNearest) %",
                    wanted: "\(rollout.wantedShare) %")))
    }

    /// The service does not lead to the upstream.
    private func detour(
        _ seen: Sighting, _ state: GatewayState, _ rollout: Rollout
    ) -> Cause.Difference? {
        switch rollout.phase.name {
        case .aborting, .promoting, .promoted, .aborted: return nil
        case .pending, .shifting, .holding, .paused: break
        }
        guard let service = seen.service, service.host != state.upstreamName else { return nil }
        return Cause.Difference(
            entity: "services/\(state.serviceName)", field: "host", present: service.host,
            wanted: state.upstreamName)
    }

    private func detoured(_ difference: Cause.Difference, _ rollout: Rollout) -> Cause {
        guard rollout.phase.name == .pending else { return lowered(difference) }
        return Cause(
            by: "kong", reason: .needsAdoption,
            message: "\(difference.entity) leads to \(difference.present ?? "nothing"); set adopt "
                + "to let it be led to \(difference.wanted ?? "the upstream").",
            at: clock.timestamp(), evidence: [difference])
    }

    /// The share that a list of writes leads to.
    func achieved(_ list: [Change], from targets: [WeighedTarget]) -> ExactShare? {
        share(
            of: list.compactMap(\.weight).reduce(targets) { targets, write in
                write.applied(to: targets)
            })
    }

    private func lowered(_ difference: Cause.Difference) -> Cause {
        Cause(
            by: "kong", reason: .loweredInKong,
            message: "Somebody took the canary down in Kong (\(difference.entity) "
                + "\(difference.field) is \(difference.present ?? "absent"), wanted "
                + "\(difference.wanted ?? "absent")); resume asks for the step's share again.",
            at: clock.timestamp(), evidence: [difference])
    }

    private func tooMany(_ rollout: Rollout) -> Drift? {
        let now = clock.now()
        repairs.removeAll { now - $0 > .seconds(600) }
        guard repairs.count >= Self.repairLimit, rollout.phase.name != .paused else { return nil }
        view.set(
            .uncontested, .bad, "Contested",
            "Something raised the canary's share in Kong \(repairs.count + 1) times in ten "
                + "minutes; find out what else writes these targets.",
            at: clock.timestamp())
        return .stop(
            Cause(
                by: "kong", reason: .contested,
                message: "Something keeps raising the canary's share in Kong",
                at: clock.timestamp()))
    }

    /// What the rollout stands on and was taken away; nil: all there, or about to be made.
    func gone(_ seen: Sighting, _ rollout: Rollout, _ footing: Footing) -> Cause? {
        guard !rollout.plan.adopt, rollout.phase.name != .aborting else { return nil }
        var missing: [String] = []
        if seen.upstream == nil, footing.upstream.id != nil {
            missing.append("upstreams/\(footing.upstream.name)")
        }
        if seen.service == nil, footing.service.id != nil {
            missing.append("services/\(footing.service.name)")
        }
        if seen.route == nil, footing.route.id != nil {
            missing.append("routes/\(footing.route.name)")
        }
        let isRegistered: Bool
        switch rollout.phase {
        case .pending(let registered): isRegistered = registered
        case .paused(let pause):
            if case .pending(let registered) = pause.interrupted {
                isRegistered = registered
            } else {
                isRegistered = true
            }
        case .shifting, .holding: isRegistered = true
        case .promoting, .promoted, .aborting, .aborted: isRegistered = false
        }
        if isRegistered, seen.upstream != nil {
            let present = Set(seen.targets.map(\.address))
            let wanted = footing.stableTargets + rollout.plan.canary.targets
            missing += wanted.map(\.description).filter { !present.contains($0) }
                .map { "upstreams/\(footing.upstream.name)/targets/\($0)" }
        }
        guard !missing.isEmpty else { return nil }
        return Cause(
            by: "kong", reason: .entityGone,
            message: "Somebody removed \(missing.joined(separator: ", ")) from Kong; set adopt to "
                + "have it made again, or abort.",
            at: clock.timestamp(),
            evidence: missing.map {
                .init(entity: $0, field: "id", present: nil, wanted: "there")
            })
    }
}
