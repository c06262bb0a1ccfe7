public import Rollouts

extension RolloutEngine: RolloutSource {
    public func saved(_ name: RolloutName) async -> Rollout? { board[name]?.rollout }

    public func others(
        on gateway: String, upstream: String, than name: RolloutName
    ) async -> [Rollout] {
        users.names(gateway: gateway, upstream: upstream).sorted()
            .filter { $0 != name }.compactMap { board[$0]?.rollout }
    }

    public func took(_ report: GatewayReport) async -> Rollout? {
        let name = report.rollout
        guard let present = board[name]?.rollout else { return nil }
        guard present.epoch == report.epoch else {
            // What is wanted may be the same, as after a pause: then its confirmation stands.
            var view = report.view
            view.confirmedAt = board[name]?.view.confirmedAt
            show(view, of: present)
            return present
        }
        show(report.view, of: present)
        switch report.finding {
        case .looked:
            break
        case .surveyed(let footing):
            await stand(name, on: footing, epoch: report.epoch)
        case .confirmed(let share, let footing):
            if share == present.wantedShare {
                await apply(
                    .confirmed, to: name, epoch: report.epoch, actor: "kong", footing: footing,
                    view: report.view)
            }
        case .refused(let cause):
            await apply(.gatewayRefused(cause), to: name, epoch: report.epoch, actor: "kong")
        case .drifted(let cause):
            await apply(.drifted(cause), to: name, epoch: report.epoch, actor: "kong")
        case .drained:
            await drained(name, epoch: report.epoch)
        }
        await leaveIfMet(name)
        return board[name]?.rollout
    }

    /// Applies a fact, if the rollout is still where it was when the fact was found.
    func apply(
        _ fact: Event.Fact, to name: RolloutName, epoch: Int, actor: String,
        isUrgent: Bool = false, footing: Footing? = nil, view: GatewayView? = nil
    ) async {
        await inTurn(name, isUrgent: isUrgent) {
            guard let present = board[name]?.rollout, present.epoch == epoch else { return }
            let instant = now()
            switch present.phase.applying(.fact(fact), in: present.context(at: instant)) {
            case .unchanged, .refused:
                return
            case .moved(let phase, let type):
                var next = present.moved(to: phase, at: instant)
                if let footing { next.footing = footing }
                // A failed write is told by `save`; the fact will be found again.
                do throws(LedgerError) {
                    _ = try await save(
                        next, over: present, ChangeNote(type: type, actor: actor),
                        view: next.wantedShare == present.wantedShare ? view : nil)
                } catch {}
            }
        }
    }

    /// Saves what the rollout stands on, before the first write.
    private func stand(_ name: RolloutName, on footing: Footing, epoch: Int) async {
        let conflict = board[name].flatMap { state in
            holdings.conflict(over: Holdings.keys(of: state.rollout.plan, footing), for: name)
        }
        if let conflict {
            let cause = Cause(
                by: "kong", reason: .heldElsewhere,
                message: "\(conflict.key.kind.rawValue) \(conflict.key.name) is held by rollout "
                    + "\(conflict.holder); end it, then resume or abort this one",
                at: now())
            await apply(.gatewayRefused(cause), to: name, epoch: epoch, actor: "kong")
            return
        }
        await change(name, epoch: epoch, ChangeNote(type: .surveyed, actor: "kong")) { next in
            next.footing = footing
        }
    }

    private func drained(_ name: RolloutName, epoch: Int) async {
        let instant = now()
        await change(name, epoch: epoch, ChangeNote(type: .drained, actor: "kong")) { next in
            next.drainedAt = instant
        }
    }

    func change(
        _ name: RolloutName, epoch: Int, _ note: ChangeNote, _ edit: (inout Rollout) -> Void
    ) async {
        await inTurn(name) {
            guard let present = board[name]?.rollout, present.epoch == epoch else { return }
            var next = present.changed(at: now())
            edit(&next)
            do throws(LedgerError) { _ = try await save(next, over: present, note) } catch {}
        }
    }

    /// Shows what was seen of Kong; nothing is saved.
    func show(_ view: GatewayView, of rollout: Rollout) {
        guard let known = board[rollout.name] else { return }
        var seen = view
        seen.carry(over: known.view)
        if view.confirmedAt != nil, let first = known.view.confirmedAt { seen.confirmedAt = first }
        // A new proof of the same is no news to those who read.
        var shown = known.view
        shown.appliedAt = seen.appliedAt
        if seen != shown { viewCounter += 1 }
        board.show(
            RolloutState(
                rollout: known.rollout, view: seen,
                viewNumber: seen == shown ? known.viewNumber : viewCounter,
                traffic: known.traffic))
        if seen.isReachable != known.view.isReachable { time(known.rollout) }
        watch(known.rollout, seen)
    }
}

extension GatewayView {
    /// Takes over the conditions that only the engine sets.
    mutating func carry(over earlier: GatewayView?) {
        for kind in [Condition.Kind.progressing, .telemetryArriving] where condition(kind) == nil {
            if let known = earlier?.condition(kind) { conditions.append(known) }
        }
    }
}
