internal import Rollouts

extension Follower {
    enum Check: Sendable {
        case serving
        case wait(Next)
    }

    /// What one node's balancer was read to do.
    enum NodeReading: Sendable {
        /// As wanted; these targets were taken out by health checks.
        case serving(unhealthy: [String], addresses: [String: [String]])
        /// These targets have another weight there.
        case behind([String])
        /// These targets are not in its balancer yet, which says nothing about their weights.
        case unbuilt([String])
        /// These names do not resolve there.
        case unresolved([String])
        case silent(String)
    }

    /// The rows are as wanted; what do the nodes do?
    func confirm(
        _ rollout: Rollout, _ footing: Footing, _ state: GatewayState, isSwitching: Bool
    ) async throws(Setback) -> Next? {
        guard let seen = sighting else { throw .outdated }
        let wants = awaitsConfirmation(rollout)
        view.set(
            .gatewayInSync, .good, "Applied", "Kong's rows are as wanted.", at: clock.timestamp())
        guard seen.upstream != nil else {
            // Only an abort gets here without one: there is nothing to take back.
            return wants ? await confirmed(rollout, footing) : .idle(site.configuration.resync)
        }
        if isSwitching {
            view.set(
                .gatewayInSync, .unknown, "RouteSwitching",
                "The service was led through the upstream; every worker needs up to "
                    + "\(site.configuration.routePropagation) to follow.",
                at: clock.timestamp())
            await show(rollout)
            let left =
                site.configuration.routePropagation - (clock.now() - (switchedAt ?? clock.now()))
            return .soon(max(left, .milliseconds(50)))
        }
        switch try await check(rollout, state, isThorough: wants) {
        case .wait(let next):
            await show(rollout)
            return next
        case .serving:
            break
        }
        if mayHaveCrossed {
            mayHaveCrossed = false
            throw .outdated
        }
        tellExactness(seen, state)
        view.confirmedAt = clock.timestamp()
        confirmedShare = rollout.wantedShare
        if wants { return await confirmed(rollout, footing) }
        await show(rollout)
        return .idle(site.configuration.resync)
    }

    private func confirmed(_ rollout: Rollout, _ footing: Footing) async -> Next? {
        let known = footing.identified(by: sighting ?? Sighting())
        let after = await report(.confirmed(rollout.wantedShare, known), rollout)
        return after?.epoch == rollout.epoch ? .soon(.seconds(1)) : nil
    }

    private func awaitsConfirmation(_ rollout: Rollout) -> Bool {
        switch rollout.phase {
        case .pending(let isRegistered): !isRegistered
        case .shifting, .promoting, .aborting: true
        case .holding, .paused, .promoted, .aborted: view.confirmedAt == nil
        }
    }

    /// Reads the live weights on every node, for a while if need be.
    /// - Parameter isThorough: in as many consecutive reads as it takes to have met every worker.
    func check(
        _ rollout: Rollout, _ state: GatewayState, isThorough: Bool
    ) async throws(Setback) -> Check {
        guard let seen = sighting, let upstream = seen.upstream else { return .serving }
        let wanted = Dictionary(
            seen.targets.filter { state.sides.side(of: $0.address) != nil }
                .map { ($0.address, $0.weight) }, uniquingKeysWith: { first, _ in first })
        var gap = Duration.milliseconds(5)
        let start = clock.now()
        while true {
            let readings = await readNodes(upstream.id, wanted, isThorough: isThorough)
            try await stayCurrent(rollout)
            let verdict = await judge(readings, seen, state, rollout)
            switch verdict {
            case .serving: return .serving
            case .wait:
                guard clock.now() - start < .milliseconds(300), isThorough, !Task.isCancelled
                else { return verdict }
                await clock.sleep(gap)
                gap = min(gap * 2, .milliseconds(20))
            }
        }
    }

    private func readNodes(
        _ upstream: String, _ wanted: [String: Int], isThorough: Bool
    ) async -> [NodeReading] {
        let site = site
        return await withTaskGroup(of: (Int, NodeReading).self) { group in
            for index in site.roster.nodes.indices {
                group.addTask {
                    let workers = isThorough ? await site.facts(of: index)?.workers ?? 4 : 0
                    let reading = await Self.reading(
                        of: index, at: site, upstream, wanted,
                        reads: isThorough ? max(2, 3 * workers) : 1)
                    return (index, reading)
                }
            }
            var readings = site.roster.nodes.map { _ in NodeReading.unbuilt([]) }
            for await (index, reading) in group { readings[index] = reading }
            return readings
        }
    }

    private static func reading(
        of index: Int, at site: Site, _ upstream: String, _ wanted: [String: Int], reads: Int
    ) async -> NodeReading {
        var unresolved: [String] = []
        var unhealthy: [String] = []
        var addresses: [String: [String]] = [:]
        for _ in 0..<reads {
            // What fails because the pass was cut off says nothing about the node.
            guard !Task.isCancelled else { return .silent("not asked") }
            let live: [LiveTarget]
            do throws(NodeError) {
                live = try await site.roster.nodes[index].live(of: upstream) ?? []
                site.roster.answered(index)
            } catch {
                site.roster.fell(index, silentAt: site.clock.now(), error.message)
                return .silent(error.message)
            }
            let known = Dictionary(
                live.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
            let missing = wanted.keys.filter { known[$0]?.weight == nil }.sorted()
            guard missing.isEmpty else { return .unbuilt(missing) }
            let wrong = wanted.filter { known[$0.key]?.weight != $0.value }.keys.sorted()
            guard wrong.isEmpty else { return .behind(wrong) }
            unresolved = wanted.keys.filter { known[$0]?.health == .unresolved }.sorted()
            unhealthy = wanted.keys.filter { known[$0]?.health == .unhealthy }.sorted()
            addresses = known.mapValues(\.addresses)
        }
        return unresolved.isEmpty
            ? .serving(unhealthy: unhealthy, addresses: addresses) : .unresolved(unresolved)
    }

    private func judge(
        _ readings: [NodeReading], _ seen: Sighting, _ state: GatewayState, _ rollout: Rollout
    ) async -> Check {
        let now = clock.now()
        var serving = 0
        var leftOut: [String] = []
        var wait: Next?
        var unresolved: Set<String> = []
        takenOut = []
        var resolved: [String: Set<String>] = [:]
        for (index, reading) in readings.enumerated() {
            let address = site.roster.nodes[index].address
            switch reading {
            case .serving(let unhealthy, let addresses):
                serving += 1
                takenOut.formUnion(unhealthy)
                for (target, names) in addresses { resolved[target, default: []].formUnion(names) }
                kicks[index] = nil
                unheard.remove(index)
            case .unresolved(let names):
                unresolved.formUnion(names)
                // The weights are right; who goes to 0 need not be found.
                if state.goal == .restored { serving += 1 }
            case .unbuilt(let names):
                wait = wait ?? pause()
                tell(.nodesConfirmed, "NotBuilt", "Node \(address) has not built the upstream yet.")
                if unheard.contains(index) {
                    await retell(index, seen, state)
                } else {
                    await kick(index, names, seen, now, patience: Self.building)
                }
            case .behind(let names):
                wait = wait ?? pause()
                tell(
                    .nodesConfirmed, "Behind",
                    "Node \(address) still has other weights for \(names.joined(separator: ", ")).")
                if unheard.contains(index) {
                    await retell(index, seen, state)
                } else {
                    await kick(index, names, seen, now)
                }
            case .silent(let message):
                let since = site.roster.standing(index).silentSince ?? now
                if now - since >= site.configuration.nodeGrace {
                    leftOut.append(address)
                } else {
                    wait = wait ?? .soon(.milliseconds(500))
                    tell(
                        .nodesConfirmed, "NodeSilent",
                        "Node \(address) does not answer: \(message).")
                }
            }
        }
        judgeNames(unresolved, state)
        learn(resolved, rollout)
        if !copies.isEmpty { wait = wait ?? .soon(.milliseconds(20)) }
        if let wait { return .wait(wait) }
        guard unresolved.isEmpty || state.goal == .restored else {
            return .wait(.soon(.seconds(1)))
        }
        guard serving > 0 else { return .wait(.soon(.milliseconds(500))) }
        polls = 0
        if leftOut.isEmpty {
            view.set(
                .nodesConfirmed, .good, "AllNodes",
                readings.count == 1
                    ? "The one configured node serves the share; others were not asked."
                    : "All \(readings.count) configured nodes serve the share.",
                at: clock.timestamp())
        } else {
            tell(
                .nodesConfirmed, "NodeLeftOut",
                "\(leftOut.joined(separator: ", ")) has been silent for too long and was left out; "
                    + "what it serves is not known.")
        }
        return .serving
    }

    /// Short at first, then up to a second.
    private func pause() -> Next {
        polls += 1
        return .soon(min(.milliseconds(20) * (1 << min(polls, 6)), .seconds(1)))
    }

    /// A node that missed a write hears every weight from us rather than from the database.
    private func retell(_ index: Int, _ seen: Sighting, _ state: GatewayState) async {
        guard unheard.remove(index) != nil, let upstream = seen.upstream else { return }
        for row in seen.targets where state.sides.side(of: row.address) != nil {
            let same = KongWrite.setWeight(
                upstream: upstream.id, target: row.id, weight: row.weight)
            do throws(NodeError) {
                _ = try await site.roster.nodes[index].write(same)
                wrote(through: index)
            } catch {
                unheard.insert(index)
                return
            }
        }
    }

    /// What a node may take to build an upstream it does not know: 4.3 s were measured.
    private static let building = Duration.seconds(6)

    /// A node can keep an old weight, or miss a target, for good, with the row right: the same
    /// weight is written through it once more, with longer and longer pauses.
    private func kick(
        _ index: Int, _ names: [String], _ seen: Sighting, _ now: Duration,
        patience own: Duration = .seconds(1)
    ) async {
        let patience: Duration
        let since: Duration
        if let through = writtenThrough[index] {
            (patience, since) = (own, through)
        } else {
            (patience, since) = (.seconds(12), writtenAt ?? .zero)
            if writtenAt == nil { writtenAt = now }
        }
        let last = kicks[index]
        let pause = last.map { min(Duration.seconds(1) * (1 << min($0.count, 5)), .seconds(30)) }
        guard now - since >= patience, now - (last?.at ?? .seconds(-3600)) >= pause ?? .zero,
            let upstream = seen.upstream, let name = names.first,
            let row = seen.targets.first(where: { $0.address == name })
        else { return }
        kicks[index] = ((last?.count ?? 0) + 1, now)
        let again = KongWrite.setWeight(upstream: upstream.id, target: row.id, weight: row.weight)
        do throws(NodeError) {
            _ = try await site.roster.nodes[index].write(again)
            wrote(through: index)
        } catch {
            // The next reading tells what is to be done about this node.
            site.log("A repeated weight was not taken by \(site.roster.nodes[index].address).")
        }
    }
}
