internal import Rollouts

extension Follower {
    /// Before the first write: what is there is looked at and saved.
    func stand(_ rollout: Rollout) async throws(Setback) -> Next? {
        if rollout.phase.name == .aborting || rollout.phase.isEnded {
            let footing = Footing.vacant(rollout.plan)
            let finding: GatewayReport.Finding =
                rollout.phase.isEnded ? .drained : .confirmed(.none, footing)
            let after = await report(finding, rollout)
            return after == rollout ? .soon(.seconds(1)) : nil
        }
        let plan = rollout.plan
        guard let facts = await firstFacts() else {
            throw .unavailable(firstSilence)
        }
        let isJudged = plan.analysis.isEnabled && site.configuration.telemetry != nil
        let found = try await site.read { node throws(NodeError) in
            try await Surroundings.read(
                for: plan, facts: facts, from: node, withPlugins: isJudged)
        }
        view.isReachable = true
        let appraisal = plan.appraised(in: found, proxy: site.configuration.proxy)
        if let cause = appraisal.cause(adopt: plan.adopt, at: clock.timestamp()) {
            view.set(
                .adoptable, .bad,
                cause.reason == .needsAdoption ? "NeedsAdoption" : "NeverAdoptable",
                cause.message, at: clock.timestamp())
            guard rollout.phase.name != .paused else {
                await show(rollout)
                return .idle(site.configuration.resync)
            }
            return await stop(for: cause, rollout)
        }
        view.note(appraisal, at: clock.timestamp())
        guard rollout.phase.posture == .full else {
            await show(rollout)
            return .idle(site.configuration.resync)
        }
        let after = await report(.surveyed(appraisal.footing), rollout)
        guard after?.footing == appraisal.footing || after?.epoch != rollout.epoch else {
            return .soon(.seconds(1))
        }
        return nil
    }

    func firstFacts() async -> NodeFacts? {
        for index in site.roster.order {
            if let facts = await site.facts(of: index) { return facts }
            site.roster.fell(index, silentAt: clock.now(), "no answer")
        }
        return nil
    }

    var firstSilence: String {
        site.roster.order.first.map {
            "\(site.roster.nodes[$0].address): \(site.roster.standing($0).message ?? "no answer")"
        } ?? "no node is configured"
    }

    /// Takes out what an ended rollout made and nobody needs any more: targets at weight 0 on
    /// every node, once in-flight requests have had their time.
    func drain(_ rollout: Rollout, _ footing: Footing) async throws(Setback) -> Next? {
        let passed = clock.timestamp().milliseconds(since: rollout.phaseSince)
        guard passed >= rollout.plan.drain.milliseconds else {
            view.set(
                .drained, .bad, "Draining",
                "What was made for this rollout stays for \(rollout.plan.drain) at weight 0.",
                at: clock.timestamp())
            await show(rollout)
            return .soon(.milliseconds(rollout.plan.drain.milliseconds - passed))
        }
        try await look(rollout, footing)
        guard let seen = sighting else { throw .outdated }
        note(seen, rollout, footing)
        try await removePlugins(rollout, footing)
        let sides = VersionSides(plan: rollout.plan, footing: footing)
        var named: Set<String> = []
        for other in await site.source.others(
            on: site.name, upstream: footing.upstream.name, than: name)
        where !other.phase.isEnded {
            named.formUnion(other.plan.canary.targets.map(\.description))
            named.formUnion((other.plan.stableTargets ?? []).map(\.description))
            named.formUnion((other.footing?.stableTargets ?? []).map(\.description))
        }
        let surplus = seen.targets.filter { row in
            row.weight == 0 && Ownership.isOurs(row.tags) && !named.contains(row.address)
                && sides.side(of: row.address) != nil
        }
        if let upstream = seen.upstream, !surplus.isEmpty {
            guard await isIdleEverywhere(surplus, upstream.id) else { return .soon(.seconds(1)) }
            for row in surplus {
                try await stayCurrent(rollout)
                try await remove(.deleteTarget(upstream: upstream.id, target: row.id))
            }
        }
        view.set(
            .drained, .good, "Drained", "Nothing of this rollout is left to take out of Kong.",
            at: clock.timestamp())
        let after = await report(.drained, rollout)
        return after == rollout ? .soon(.seconds(1)) : nil
    }

    private func isIdleEverywhere(_ rows: [TargetRow], _ upstream: String) async -> Bool {
        let now = clock.now()
        for index in site.roster.nodes.indices {
            do throws(NodeError) {
                let live = try await site.roster.nodes[index].live(of: upstream) ?? []
                site.roster.answered(index)
                let busy = live.filter { $0.weight ?? 0 > 0 }.map(\.address)
                if rows.contains(where: { busy.contains($0.address) }) { return false }
            } catch {
                site.roster.fell(index, silentAt: now, error.message)
                let since = site.roster.standing(index).silentSince ?? now
                if now - since < site.configuration.nodeGrace { return false }
            }
        }
        return true
    }

    func remove(_ write: KongWrite) async throws(Setback) {
        try await site.read { node throws(NodeError) in
            do throws(NodeError) {
                _ = try await node.write(write)
            } catch {
                // Somebody was faster.
                if case .missing = error { return }
                throw error
            }
        }
    }
}
