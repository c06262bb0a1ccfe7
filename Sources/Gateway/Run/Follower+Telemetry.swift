internal import Rollouts

// The plugins that tell of the traffic. They follow within seconds, not at once, and none of this
// ever holds up a weight that must go down.
extension Follower {
    enum Attendance {
        /// As wanted, or as near as can be now.
        case settled
        /// Something was written or saved: look again.
        case moved
        case stop(Cause)
    }

    /// What was last known of a rollout's plugins. Safe to lose.
    struct TelemetryMemory {
        /// What was wanted when they were last as wanted.
        var settled: TelemetryPlugins.Aim?
        /// Plugins as Kong kept them after they were written.
        var accepted: [PluginRow] = []
        /// When somebody else's changes were undone.
        var repairs: [Duration] = []
        /// Until when nothing is written after a refusal.
        var heldUntil = Duration.zero
        /// When places for them are looked for again.
        var seekAt = Duration.zero
    }

    /// At most that many repairs in ten minutes, then one a minute.
    private static let telemetryRepairLimit = 3

    /// How records come here; nil: they cannot, or are not wanted.
    func telemetryTerms(_ rollout: Rollout) async throws(Setback) -> TelemetryPlugins.Terms? {
        guard rollout.plan.analysis.isEnabled, let settings = site.configuration.telemetry,
            rollout.mayBeJudged
        else { return nil }
        guard let facts = await firstFacts() else { throw .unavailable(firstSilence) }
        return TelemetryPlugins.Terms(settings, on: facts)
    }

    /// Makes the plugins match: before the first share all of it must succeed, later a refusal is
    /// told and tried again.
    func attend(
        _ rollout: Rollout, _ footing: Footing, _ state: GatewayState, isPossible: Bool
    ) async throws(Setback) -> Attendance {
        let isBefore = sighting.map { $0.leavesCanaryOut(by: state.sides) } ?? false
        let isStrict = isBefore && telemetry.settled == nil && rollout.mayBePaused
        if state.telemetry != .untouched, sighting?.plugins == nil { try await lookAtPlugins() }
        if isPossible {
            let found = try await seekPlaces(rollout, footing, state, isStrict: isStrict)
            guard case .settled = found else { return found }
        }
        guard state.telemetry != .untouched, let seen = sighting else { return .settled }
        let list = telemetryChanges(from: seen, to: state, accepted: telemetry.accepted)
        guard !list.isEmpty else {
            telemetry.settled = state.telemetry
            if view.condition(.gatewayAccepts)?.reason == Self.refusedReason {
                view.set(
                    .gatewayAccepts, .good, "Accepted", "Kong takes what is written.",
                    at: clock.timestamp())
            }
            return .settled
        }
        guard isStrict || clock.now() >= telemetry.heldUntil else { return .settled }
        if telemetry.settled == state.telemetry { countRepair() }
        do throws(Setback) {
            for change in list {
                try await stayCurrent(rollout)
                try await send(change)
            }
            try await readBack(state)
            return .moved
        } catch {
            // What is perhaps there already is looked for before the canary gets anything.
            if case .outdated = error, isBefore { throw error }
            return try await fail(error, rollout, isStrict: isStrict)
        }
    }

    private static let refusedReason = "TelemetryRefused"
    private static let conflictReason = "TelemetryConflict"

    /// Which plugins may be ours, where that is not known yet or no longer holds.
    private func seekPlaces(
        _ rollout: Rollout, _ footing: Footing, _ state: GatewayState, isStrict: Bool
    ) async throws(Setback) -> Attendance {
        let obstacles = sighting.map { telemetryObstacles(in: $0, for: state) } ?? []
        guard footing.telemetry == nil || !obstacles.isEmpty else {
            if view.condition(.adoptable)?.reason == Self.conflictReason { view.clear(.adoptable) }
            return .settled
        }
        guard isStrict || clock.now() >= telemetry.seekAt else { return .settled }
        telemetry.seekAt = clock.now() + site.configuration.resync
        let plugins = try await site.read { node throws(NodeError) in try await node.plugins() }
        let finding = TelemetryFinding(
            of: plugins, route: sighting?.route?.id, service: sighting?.service?.id)
        var appraisal = Appraisal(footing: footing)
        appraisal.never = finding.never
        appraisal.needed = finding.needed
        if let cause = appraisal.cause(adopt: rollout.plan.adopt, at: clock.timestamp()) {
            guard !isStrict else { return .stop(cause) }
            tell(.adoptable, Self.conflictReason, "Nothing is judged: \(cause.message)")
            return .settled
        }
        guard finding.telemetry != footing.telemetry else { return .settled }
        let next = footing.telling(through: finding.telemetry)
        let after = await report(.surveyed(next), rollout)
        return after?.footing == next || after?.epoch != rollout.epoch ? .moved : .settled
    }

    func lookAtPlugins() async throws(Setback) {
        guard let route = sighting?.route?.id else {
            sighting?.plugins = []
            return
        }
        let rows = try await site.read { node throws(NodeError) in
            try await node.plugins(ofRoute: route)
        }
        guard let rows else { throw .outdated }
        sighting?.plugins = rows
    }

    /// What Kong made of what was written is taken as it is, so that a Kong which writes a value
    /// in its own way is not written to for ever.
    private func readBack(_ state: GatewayState) async throws(Setback) {
        try await lookAtPlugins()
        guard let seen = sighting else { return }
        let rest = telemetryChanges(from: seen, to: state)
        telemetry.accepted = (seen.plugins ?? []).filter { row in
            row.isEnabled && Set(state.tags).isSubset(of: row.tags)
                && rest.contains { change in
                    if case .updatePlugin(row.id, _, _, _) = change.write { true } else { false }
                }
        }
    }

    private func countRepair() {
        let now = clock.now()
        telemetry.repairs.removeAll { now - $0 > .seconds(600) }
        telemetry.repairs.append(now)
        guard telemetry.repairs.count > Self.telemetryRepairLimit else { return }
        telemetry.heldUntil = now + .seconds(60)
        tell(
            .uncontested, "TelemetryContested",
            "Somebody changed or removed the plugins by which the traffic is judged "
                + "\(telemetry.repairs.count) times in ten minutes; find out what else writes "
                + "this route's plugins.")
    }

    /// Later than before the first share a failure changes nothing for the rollout.
    private func fail(
        _ setback: Setback, _ rollout: Rollout, isStrict: Bool
    ) async throws(Setback) -> Attendance {
        sighting?.plugins = nil
        switch setback {
        case .overtaken, .unavailable: throw setback
        case .outdated, .refused: break
        }
        guard !isStrict else { throw setback }
        telemetry.heldUntil = clock.now() + site.configuration.resync
        if case .refused(let message) = setback {
            tell(
                .gatewayAccepts, Self.refusedReason,
                "Kong refused the plugins by which the traffic is judged: \(message). It is tried "
                    + "again by itself.")
        }
        return .settled
    }

    /// Takes out what an ended rollout attached.
    func removePlugins(_ rollout: Rollout, _ footing: Footing) async throws(Setback) {
        guard footing.telemetry != nil, let route = sighting?.route?.id else { return }
        try await lookAtPlugins()
        let tags = Set(Ownership.tags(for: name))
        let ours = (sighting?.plugins ?? []).filter { $0.isOf(route) && tags.isSubset(of: $0.tags) }
        // The log goes first: without the function its records would be whole.
        for row in ours.sorted(by: { $0.name < $1.name }) {
            try await stayCurrent(rollout)
            try await remove(.deletePlugin(id: row.id))
        }
    }
}

extension Rollout {
    /// Whether it is in a phase in which plugins are attached and kept.
    var mayBeJudged: Bool {
        switch phase {
        case .pending, .shifting, .holding, .paused, .promoting: true
        case .aborting, .promoted, .aborted: false
        }
    }

    /// Whether a refusal would stop it.
    fileprivate var mayBePaused: Bool {
        switch phase {
        case .pending, .shifting, .paused: true
        case .holding, .promoting, .promoted, .aborting, .aborted: false
        }
    }
}

extension Sighting {
    /// Whether the rows give the canary nothing.
    func leavesCanaryOut(by sides: VersionSides) -> Bool {
        targets.allSatisfy { $0.weight == 0 || sides.side(of: $0.address) != .canary }
    }
}

extension [Change] {
    /// Without what gives the canary its first traffic, and what rests on that.
    var beforeCanary: [Change] {
        guard let first = firstIndex(where: { $0.raisesCanary }) else { return self }
        return self[..<first] + self[first...].filter { $0.weight == nil }
    }
}

extension Change {
    fileprivate var raisesCanary: Bool {
        weight.map { $0.side == .canary && $0.to > $0.from } ?? false
    }
}
