public import Rollouts

extension RolloutEngine {
    /// How often readers are shown what the traffic says, in milliseconds: not more often, because
    /// every new view is a new entity tag and is written anew for the next reader.
    private static let showingPeriod: Int64 = 3_000

    /// Something new was counted for `name`. Returns at once; from any thread.
    public nonisolated func heard(of name: RolloutName) { news.put([name]) }

    /// Something new was counted for each of them.
    public nonisolated func heard(of names: [RolloutName]) { news.put(names) }

    /// Judges whatever news there is, until cancelled.
    func judgeNews() async {
        for await _ in news.bell {
            for name in news.take() { await judge(name) }
        }
    }

    func judge(_ name: RolloutName) async {
        guard let traffic, watches[name] != nil else { return }
        if let alarm = traffic.alarm(of: name) { await act(upon: alarm, name) }
        guard let state = board[name], watches[name] != nil else { return }
        let present = now()
        if evidence[name]?.dueAt == nil { scheduleEvidence(name, at: present) }
        let isGate = state.rollout.waitsForTraffic
        let shown = shownTraffic[name]
        guard isGate || shown.map({ present.milliseconds(since: $0) >= Self.showingPeriod }) ?? true
        else { return }
        shownTraffic[name] = present
        showTraffic(name, isGate: isGate, at: present)
        if isGate { await leaveIfMet(name) }
    }

    private func showTraffic(_ name: RolloutName, isGate: Bool, at present: Timestamp) {
        guard let traffic, let state = board[name],
            let seen = traffic.view(of: name, at: present, withVerdict: isGate)
        else { return }
        var view = state.view
        if view.condition(.telemetryArriving)?.status != .good {
            view.set(
                .telemetryArriving, .good, "Arriving", "Kong's log records arrive", at: present)
        }
        guard seen != state.traffic || view != state.view else { return }
        viewCounter += 1
        board.show(
            RolloutState(
                rollout: state.rollout, view: view, viewNumber: viewCounter, traffic: seen))
    }

    /// What the policy wants of an alarm; then it is not told again, or a rollout that a person
    /// resumed would stop at once for what that person has seen.
    private func act(upon alarm: Alarm, _ name: RolloutName) async {
        guard let traffic, let rollout = board[name]?.rollout else { return }
        let cause = Cause(
            by: "judge", reason: .unhealthy, message: alarm.message, at: now(), alarm: alarm)
        switch rollout.plan.analysis.onUnhealthy {
        case .abort: await apply(.judged(.abort, cause), to: name, epoch: rollout.epoch)
        case .pause: await apply(.judged(.pause, cause), to: name, epoch: rollout.epoch)
        case .report: await report(cause, on: name)
        }
        let reached = board[name]?.rollout
        // Not saved, or moved meanwhile: the next record, or the clock, brings it up again.
        guard reached?.revision != rollout.revision || reached?.phase.isLeaving == true else {
            look(at: name, due: now().advanced(byMilliseconds: 1_000))
            return
        }
        traffic.acknowledge(name)
        await saveEvidence(name)
    }

    private func apply(_ fact: Event.Fact, to name: RolloutName, epoch: Int) async {
        await apply(fact, to: name, epoch: epoch, actor: "judge", isUrgent: true)
    }

    private func report(_ cause: Cause, on name: RolloutName) async {
        guard let epoch = board[name]?.rollout.epoch else { return }
        var note = ChangeNote(type: .judged, actor: "judge")
        note.cause = cause
        await change(name, epoch: epoch, note) { _ in }
    }

    // MARK: Silence

    /// Acts when no record has arrived for too long while the canary should get traffic.
    func stopIfSilent(_ name: RolloutName) async {
        guard let traffic, watches[name] != nil, let state = board[name],
            let due = Self.silenceDue(state.rollout, traffic.lastRecord(of: name))
        else { return }
        let present = now()
        guard due <= present else {
            look(at: name, due: due)
            return
        }
        let policy = state.rollout.plan.analysis
        let message =
            "no record of this rollout's traffic arrived for \(policy.noDataAfter); see whether "
            + "clients call the route and whether Kong reaches the public URL of this service"
        if state.view.condition(.telemetryArriving)?.status != .bad {
            var view = state.view
            view.set(.telemetryArriving, .bad, "Silent", message, at: present)
            show(view, of: state.rollout)
        }
        let cause = Cause(by: "judge", reason: .noData, message: message, at: present)
        switch policy.noData {
        case .hold: break
        case .pause: await apply(.judged(.pause, cause), to: name, epoch: state.rollout.epoch)
        case .abort: await apply(.judged(.abort, cause), to: name, epoch: state.rollout.epoch)
        }
    }

    /// When silence becomes too long; nil: nothing is expected now.
    static func silenceDue(_ rollout: Rollout, _ last: Timestamp?) -> Timestamp? {
        guard case .holding = rollout.phase, rollout.wantedShare > .none else { return nil }
        let since = max(last ?? rollout.phaseSince, rollout.phaseSince)
        return since.advanced(byMilliseconds: rollout.plan.analysis.noDataAfter.milliseconds)
    }
}

extension Rollout {
    /// Whether what the traffic shows may end the present step.
    fileprivate var waitsForTraffic: Bool {
        guard case .holding(let position, _, _) = phase else { return false }
        let hold = position.hold(in: plan.steps)
        return hold.healthy || hold.requests != nil
    }
}

extension Phase {
    fileprivate var isLeaving: Bool {
        switch self {
        case .aborting, .aborted, .promoted: true
        case .pending, .shifting, .holding, .paused, .promoting: false
        }
    }
}
