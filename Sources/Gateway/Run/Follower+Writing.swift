internal import Rollouts

extension Follower {
    /// Carries out changes in their order, each after a last look at what it rests on.
    ///
    /// Nil: all done, go round again; else: wait so long.
    func perform(
        _ list: [Change], _ rollout: Rollout, _ footing: Footing, _ state: GatewayState
    ) async throws(Setback) -> Next? {
        let isAbort = rollout.phase.name == .aborting
        guard let begin = sighting else { throw .outdated }
        let ceiling =
            achieved(list, from: weighed(begin, state)).map { max($0, .none) } ?? .none
        confirmedShare = nil
        view.confirmedAt = nil
        view.set(
            .nodesConfirmed, .unknown, "Confirming",
            "Weights are being written; what the nodes serve is read afterwards.",
            at: clock.timestamp())
        for change in list {
            if change.isAfterConfirmation || (isAbort && change.weight?.lowersStable == true) {
                switch try await check(rollout, state, isThorough: true) {
                case .serving: break
                case .wait(let next):
                    await show(rollout)
                    return next
                }
                if mayHaveCrossed {
                    mayHaveCrossed = false
                    throw .outdated
                }
            }
            try await landed(isAbort: isAbort)
            try await stayCurrent(rollout)
            guard let seen = sighting else { throw .outdated }
            if let write = change.weight {
                let targets = weighed(seen, state)
                guard isSafe(write, in: targets, ceiling: ceiling) else { throw .outdated }
                if let wait = waitForSilentNodes(write, targets, isAbort: isAbort) {
                    await show(rollout)
                    return wait
                }
            }
            try await send(change, isAbort: isAbort)
            if let seen = sighting { note(seen, rollout, footing) }
        }
        return nil
    }

    private func weighed(_ seen: Sighting, _ state: GatewayState) -> [WeighedTarget] {
        state.sides.weighed(seen.targets, addressCounts: seen.addressCounts)
    }

    /// What raises the canary waits until a silent node is back or has been silent for long.
    private func waitForSilentNodes(
        _ write: WeightWrite, _ targets: [WeighedTarget], isAbort: Bool
    ) -> Next? {
        guard !isAbort, let before = share(of: targets),
            let after = share(of: write.applied(to: targets)), after > before
        else { return nil }
        let now = clock.now()
        for index in site.roster.silent {
            let since = site.roster.standing(index).silentSince ?? now
            let left = site.configuration.nodeGrace - (now - since)
            guard left > .zero else { continue }
            view.set(
                .nodesConfirmed, .bad, "NodeSilent",
                "Node \(site.roster.nodes[index].address) does not answer; the share is not "
                    + "raised before it does, or has been silent for "
                    + "\(site.configuration.nodeGrace).",
                at: clock.timestamp())
            return .soon(min(left, .milliseconds(500)))
        }
        return nil
    }

    /// Sends one write; a weight goes through every node.
    func send(_ change: Change, isAbort: Bool = false) async throws(Setback) {
        var last: NodeError?
        for index in site.roster.order {
            guard !Task.isCancelled else { throw .overtaken }
            do throws(NodeError) {
                let id = try await write(change.write, through: index, isAbort: isAbort)
                site.roster.answered(index)
                sighting = sighting?.after(change.write, id: id)
                if case .updateService(_, let patch) = change.write, patch.host != nil {
                    switchedAt = clock.now()
                }
                view.isReachable = true
                if view.condition(.gatewayAccepts)?.status != .good {
                    view.set(
                        .gatewayAccepts, .good, "Accepted", "Kong takes what is written.",
                        at: clock.timestamp())
                }
                if let weight = change.write.settingWeight(of: id) {
                    wrote(through: index)
                    spread(weight, besides: index)
                }
                return
            } catch {
                last = error
                switch error {
                case .missing, .conflict:
                    throw .outdated
                case .refused(let message):
                    throw .refused(message)
                case .unavailable(let message, let isPerhapsApplied):
                    site.roster.fell(index, silentAt: clock.now(), message)
                    // Perhaps it was applied: what is there must be read before anything else.
                    if isPerhapsApplied { throw .outdated }
                }
            }
        }
        throw .unavailable(last?.message ?? "no node is configured")
    }

    /// An abort gives a node that hangs a second, and then goes through another one.
    private func write(
        _ write: KongWrite, through index: Int, isAbort: Bool
    ) async throws(NodeError) -> String {
        let node = site.roster.nodes[index]
        guard isAbort, site.roster.nodes.count > 1 else { return try await node.write(write) }
        let call = Task { () -> Result<String, NodeError> in
            do throws(NodeError) { return .success(try await node.write(write)) } catch {
                return .failure(error)
            }
        }
        let clock = clock
        let limit = Task {
            await clock.patienceOfAnAbort()
            call.cancel()
        }
        defer { limit.cancel() }
        let result = await withTaskCancellationHandler {
            await call.value
        } onCancel: {
            call.cancel()
        }
        return try result.get()
    }

    func wrote(through index: Int) {
        writtenThrough[index] = clock.now()
        writtenAt = clock.now()
        view.appliedAt = clock.timestamp()
    }

    /// The other nodes hear a weight from us too, rather than seconds later from the database.
    private func spread(_ write: KongWrite, besides first: Int) {
        for index in site.roster.nodes.indices where index != first {
            guard site.roster.standing(index).silentSince == nil else {
                unheard.insert(index)
                continue
            }
            lastCopy += 1
            let number = lastCopy
            let node = site.roster.nodes[index]
            copies[number] = Task {
                do throws(NodeError) {
                    _ = try await node.write(write)
                    landed(number, at: index, nil)
                } catch {
                    landed(number, at: index, error)
                }
            }
        }
    }

    private func landed(_ copy: Int, at index: Int, _ error: NodeError?) {
        copies[copy] = nil
        switch error {
        case nil:
            site.roster.answered(index)
            wrote(through: index)
        case .unavailable(let message, let isPerhapsApplied):
            site.roster.fell(index, silentAt: clock.now(), message)
            unheard.insert(index)
            if isPerhapsApplied { mayHaveCrossed = true }
        case .missing, .conflict, .refused:
            // The kick repeats it if it turns out to have been needed.
            break
        }
    }

    /// Waits for the copies of the write before, since a late one would undo what follows. An
    /// abort does not wait for long: it cuts them off.
    private func landed(isAbort: Bool) async throws(Setback) {
        let start = clock.now()
        while !copies.isEmpty {
            await clock.sleep(.milliseconds(1))
            let waited = clock.now() - start
            if isAbort, waited > .milliseconds(150) { return try await cutOff() }
            if waited > .milliseconds(20), let saved = await site.source.saved(name),
                saved.epoch != knownEpoch
            {
                throw .overtaken
            }
        }
    }
}

extension Follower {
    /// What was cut off may have been taken all the same: it gets the time to arrive, and then
    /// what is there is read again. A stable target's way to 0 must not end after the canary's.
    private func cutOff() async throws(Setback) {
        for copy in copies.values { copy.cancel() }
        let start = clock.now()
        while !copies.isEmpty {
            await clock.sleep(.milliseconds(1))
            guard clock.now() - start < .milliseconds(100) else {
                mayHaveCrossed = true
                return
            }
        }
        await clock.sleep(.milliseconds(50))
        throw .outdated
    }
}

extension WeightWrite {
    /// What an abort gives back to stable waits until every node has left the canary: a raise that
    /// was still on its way would weigh more beside it.
    fileprivate var lowersStable: Bool { side == .stable && to < from }
}

extension KongWrite {
    /// The PATCH by which other nodes hear of this weight at once; nil: it sets none. A target
    /// that was just made is patched there as it is, which has them build it.
    fileprivate func settingWeight(of id: String) -> KongWrite? {
        switch self {
        case .setWeight: self
        case .createTarget(let upstream, let address, let weight, _):
            .setWeight(upstream: upstream, target: id.isEmpty ? address : id, weight: weight)
        case .createUpstream, .updateUpstream, .deleteTarget, .createService, .updateService,
            .createRoute, .updateRoute, .createPlugin, .updatePlugin, .deletePlugin:
            nil
        }
    }
}
