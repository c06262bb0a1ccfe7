internal import Rollouts

// Reads only: nothing here changes Kong or a rollout.
extension GatewayRunner {
    /// Looks through the first node that answers. A node that does not is skipped, so what is
    /// read comes from one of them whole.
    private func reading<Value: Sendable>(
        _ ask: @Sendable (any KongNode, NodeFacts) async throws(NodeError) -> Value
    ) async throws(GatewayUnreadable) -> Value {
        var last = "no node is configured"
        for index in roster.order {
            let node = roster.nodes[index]
            do throws(NodeError) {
                let facts: NodeFacts
                if let known = roster.standing(index).facts {
                    facts = known
                } else {
                    facts = try await node.facts()
                    roster.note(facts, of: index)
                }
                let value = try await ask(node, facts)
                roster.answered(index)
                return value
            } catch {
                last = error.message
                if case .unavailable(let message, _) = error {
                    roster.fell(index, silentAt: clock.now(), message)
                }
            }
        }
        throw GatewayUnreadable(message: last)
    }

    func survey(_ plan: RolloutPlan, at now: Timestamp) async -> Survey {
        // A person who creates does not wait for a Kong that is known not to answer.
        if roster.isDown {
            return .unreachable(roster.standing(0).message ?? "no node answers")
        }
        let found: Surroundings
        let isJudged = plan.analysis.isEnabled && configuration.telemetry != nil
        do throws(GatewayUnreadable) {
            found = try await reading { node, facts throws(NodeError) in
                try await Surroundings.read(
                    for: plan, facts: facts, from: node, withPlugins: isJudged)
            }
        } catch {
            return .unreachable(error.message)
        }
        let appraisal = plan.appraised(in: found, proxy: configuration.proxy)
        if let fault = appraisal.fault {
            return .invalid(pointer: fault.pointer, detail: fault.detail)
        }
        if let cause = appraisal.cause(adopt: plan.adopt, at: now) {
            return .refused(cause, appraisal.footing)
        }
        var rollout = Rollout(
            plan: plan, createdAt: now, telemetrySecret: TelemetryPlugins.hiddenSecret)
        rollout.footing = appraisal.footing
        let terms = TelemetryPlugins.Terms(configuration.telemetry, on: found.facts)
        do throws(WeightPlanError) {
            let calls = try allChanges(
                from: found.sighting, to: .desired(for: rollout, on: appraisal.footing, terms))
            remember(appraisal, of: plan.name)
            return .ready(appraisal.footing, calls: calls.map(\.planned))
        } catch {
            return .invalid(pointer: "/steps", detail: error.hint)
        }
    }

    func plannedCalls(
        for rollout: Rollout, at now: Timestamp
    ) async throws(GatewayUnreadable) -> [PlannedCall] {
        guard let footing = rollout.footing else {
            switch await survey(rollout.plan, at: now) {
            case .ready(_, let calls): return calls
            case .refused, .invalid: return []
            case .unreachable(let message): throw GatewayUnreadable(message: message)
            }
        }
        guard !rollout.phase.isEnded, rollout.phase.posture != .handsOff else { return [] }
        let settings = rollout.mayBeJudged ? configuration.telemetry : nil
        let (seen, telemetry, terms) = try await reading { node, facts throws(NodeError) in
            var seen =
                try await Sighting.read(footing, from: node, remade: rollout.plan.adopt) { true }
                ?? Sighting()
            var telemetry = footing.telemetry
            if telemetry != nil || (settings != nil && rollout.plan.analysis.isEnabled) {
                let plugins = try await node.plugins()
                seen.plugins = plugins.filter { $0.routeID != nil && $0.routeID == seen.route?.id }
                let finding = TelemetryFinding(
                    of: plugins, route: seen.route?.id, service: seen.service?.id)
                if telemetry == nil, finding.needed.isEmpty || rollout.plan.adopt {
                    telemetry = finding.telemetry
                }
            }
            return (seen, telemetry, TelemetryPlugins.Terms(settings, on: facts))
        }
        let standing = footing.telling(through: telemetry)
        do throws(WeightPlanError) {
            return try allChanges(from: seen, to: .desired(for: rollout, on: standing, terms))
                .map(\.planned)
        } catch {
            throw GatewayUnreadable(message: error.hint)
        }
    }

    func description() async -> GatewayDescription {
        var nodes: [GatewayDescription.Node] = []
        var database: String?
        for node in roster.nodes {
            do throws(NodeError) {
                let facts = try await node.facts()
                database = database ?? facts.database
                nodes.append(
                    .init(
                        address: node.address, isReachable: true, version: facts.version,
                        id: facts.id, workers: facts.workers,
                        message: facts.takesWrites
                            ? nil : "runs without a database: rollouts are refused here for now"))
            } catch {
                nodes.append(
                    .init(
                        address: node.address, isReachable: false, version: nil, id: nil,
                        workers: nil, message: error.message))
            }
        }
        return GatewayDescription(
            name: configuration.name, databaseMode: database, nodes: nodes,
            proxy: configuration.proxy)
    }
}

extension Surroundings {
    /// The part that later passes look at.
    var sighting: Sighting {
        Sighting(
            service: service, upstream: upstream, targets: targets, route: route,
            addressCounts: Dictionary(
                live.map { ($0.address, $0.addressCount) },
                uniquingKeysWith: { first, _ in first }),
            addresses: Dictionary(
                live.map { ($0.address, $0.addresses.sorted()) },
                uniquingKeysWith: { first, _ in first }),
            plugins: plugins.map { $0.filter { $0.routeID != nil && $0.routeID == route?.id } })
    }
}

extension Sighting {
    /// Entities are followed by id.
    /// - Parameters:
    ///   - remade: what is gone may have been made again, so names count too.
    ///   - isCurrent: asked between the calls; where it says no, the rest is not waited for.
    /// - Returns: Nil: it was given up.
    static func read(
        _ footing: Footing, from node: any KongNode, remade: Bool = false,
        while isCurrent: @Sendable () async -> Bool
    ) async throws(NodeError) -> Sighting? {
        func find<Row>(
            _ entity: Footing.Entity, _ ask: (String) async throws(NodeError) -> Row?
        ) async throws(NodeError) -> Row? {
            let found = try await ask(entity.id ?? entity.name)
            if found != nil || entity.id == nil || !remade { return found }
            return try await ask(entity.name)
        }
        var seen = Sighting()
        seen.upstream = try await find(footing.upstream, node.upstream)
        if let upstream = seen.upstream {
            guard await isCurrent() else { return nil }
            seen.targets = try await node.targets(of: upstream.id) ?? []
            guard await isCurrent() else { return nil }
            for target in try await node.live(of: upstream.id) ?? [] {
                seen.addressCounts[target.address] = target.addressCount
                seen.addresses[target.address] = target.addresses.sorted()
            }
        }
        guard await isCurrent() else { return nil }
        seen.service = try await find(footing.service, node.service)
        guard await isCurrent() else { return nil }
        seen.route = try await find(footing.route, node.route)
        return seen
    }
}
