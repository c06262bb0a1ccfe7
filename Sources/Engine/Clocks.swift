import Rollouts

extension RolloutEngine {
    /// Looks at a rollout whose hold or deadline may be over.
    func look(at name: RolloutName) async {
        await leaveIfMet(name)
        await stopIfLate(name)
        if traffic?.alarm(of: name) != nil { await judge(name) }
        await stopIfSilent(name)
        await saveEvidenceIfDue(name)
        tellTimeIsOver(name)
        // This look may have been for something else that was due earlier.
        if let ends = board[name]?.rollout.holdEnds, ends > now() { look(at: name, due: ends) }
    }

    /// `waiting_for` has lost its `time`, though nothing was saved.
    private func tellTimeIsOver(_ name: RolloutName) {
        guard let state = board[name], let ends = state.rollout.holdEnds, ends <= now(),
            timeIsOver[name] != state.rollout.epoch
        else { return }
        timeIsOver[name] = state.rollout.epoch
        viewCounter += 1
        board.show(
            RolloutState(
                rollout: state.rollout, view: state.view, viewNumber: viewCounter,
                traffic: state.traffic))
    }

    /// Leaves a step all of whose hold is met while its share is confirmed.
    func leaveIfMet(_ name: RolloutName) async {
        guard let state = board[name], isMet(state) else { return }
        await apply(.holdMet, to: name, epoch: state.rollout.epoch, actor: "hold")
    }

    private func isMet(_ state: RolloutState) -> Bool {
        guard case .holding = state.rollout.phase, state.view.confirmedAt != nil,
            state.view.isReachable == true
        else { return false }
        return state.rollout.waitingFor(
            at: now(), isReachable: true, traffic: state.traffic
        ).isEmpty
    }

    /// Pauses a rollout whose progress deadline has passed; promotions and aborts go on and say so.
    private func stopIfLate(_ name: RolloutName) async {
        guard let state = board[name], let limit = state.rollout.plan.progressDeadline,
            let clock = progress[name], clock.epoch == state.rollout.epoch
        else { return }
        let present = now()
        guard clock.elapsed(at: present) >= limit.milliseconds else {
            if let due = clock.due(limit: limit, at: present) { look(at: name, due: due) }
            return
        }
        progress[name] = nil
        let message =
            "\(state.rollout.phase.name.rawValue) took longer than progress_deadline (\(limit))"
        switch state.rollout.phase.name {
        case .pending, .shifting:
            let cause = Cause(
                by: "deadline", reason: .deadlineExceeded, message: message, at: present)
            await apply(.deadline(cause), to: name, epoch: state.rollout.epoch, actor: "deadline")
        case .promoting, .aborting:
            var view = state.view
            view.set(.progressing, .bad, "DeadlineExceeded", message, at: present)
            show(view, of: state.rollout)
        case .holding, .paused, .promoted, .aborted:
            break
        }
    }

    /// Starts, keeps or stops the clock of `progress_deadline`.
    func time(_ rollout: Rollout) {
        let name = rollout.name
        guard isTimed(rollout), let limit = rollout.plan.progressDeadline else {
            progress[name] = nil
            return
        }
        let present = now()
        let isReachable = board[name]?.view.isReachable ?? true
        var clock = progress[name]
        if clock?.epoch != rollout.epoch {
            clock = ProgressClock(epoch: rollout.epoch, at: present, isReachable: isReachable)
        }
        clock?.set(isReachable: isReachable, at: present)
        progress[name] = clock
        if let due = clock?.due(limit: limit, at: present) { look(at: name, due: due) }
    }

    private func isTimed(_ rollout: Rollout) -> Bool {
        switch rollout.phase {
        case .pending(let registered): !registered
        case .shifting, .promoting, .aborting: true
        case .holding, .paused, .promoted, .aborted: false
        }
    }

    /// The condition that the engine itself answers for.
    func settle(_ view: inout GatewayView, for rollout: Rollout) {
        let present = now()
        settleTelemetry(&view, for: rollout, at: present)
        switch rollout.phase {
        case .paused(let pause) where pause.cause.reason == .deadlineExceeded:
            view.set(.progressing, .bad, "DeadlineExceeded", pause.cause.message, at: present)
        case .paused:
            view.set(.progressing, .unknown, "Paused", "the clock stands still", at: present)
        case .pending, .shifting, .holding, .promoting, .aborting:
            if let known = view.condition(.progressing), known.reason == "DeadlineExceeded",
                rollout.phaseSince <= known.since
            {
                return
            }
            view.set(.progressing, .good, "Progressing", "no deadline has passed", at: present)
        case .promoted, .aborted:
            view.set(.progressing, .good, "Ended", "the rollout has ended", at: present)
        }
    }

    private func settleTelemetry(
        _ view: inout GatewayView, for rollout: Rollout, at present: Timestamp
    ) {
        guard rollout.plan.analysis.isEnabled, rollout.telemetrySecret != nil,
            !rollout.phase.isEnded
        else { return view.clear(.telemetryArriving) }
        guard view.condition(.telemetryArriving) == nil else { return }
        view.set(
            .telemetryArriving, .unknown, "NoRecordYet",
            "no record of this rollout's traffic has arrived yet", at: present)
    }
}
