public import Rollouts
import RolloutJSON

extension RolloutEngine: Conductor {
    public nonisolated func state(of name: RolloutName) -> RolloutState? { board[name] }
    public nonisolated func stamp(of name: RolloutName) -> RolloutStamp? { board.stamp(of: name) }
    public nonisolated func states() -> [RolloutState] { board.states }
    public nonisolated var isReady: Bool { board.isReady }
    public nonisolated var lastEventID: Int { history.lastEventID }
    public nonisolated func keptAnswers() -> [KeptAnswer] { loadedAnswers }
    public func keep(_ answer: KeptAnswer) async { await ledger.keep(answer) }
    public func gateways() async -> [GatewayDescription] { await gateways.descriptions() }

    public nonisolated func history(
        of name: RolloutName?, after id: Int, limit: Int
    ) -> HistoryPage {
        history.page(of: name, after: id, limit: limit)
    }

    public nonisolated func follow(_ name: RolloutName?) -> AsyncStream<HistoryEvent> {
        history.follow(name)
    }

    public func perform(
        _ command: Event.Command, on name: RolloutName, _ terms: CommandTerms
    ) async throws(CommandError) -> Receipt {
        var isUrgent = false
        if case .abort = command { isUrgent = true }
        return try await inTurn(name, isUrgent: isUrgent) { () throws(CommandError) -> Receipt in
            let state = try present(name, terms)
            let instant = now()
            let context = state.rollout.context(at: instant)
            switch state.rollout.phase.applying(.command(command), in: context) {
            case .refused(let refusal):
                throw .refused(refusal, state)
            case .unchanged:
                return Receipt(state: state, changed: false)
            case .moved(let phase, let type):
                let next = state.rollout.moved(to: phase, at: instant)
                let saved = try await saveCommand(next, over: state.rollout, type, terms)
                return Receipt(state: saved, changed: true)
            }
        }
    }

    public func amend(
        _ name: RolloutName, _ amendment: Amendment, _ terms: CommandTerms
    ) async throws(CommandError) -> Receipt {
        try await inTurn(name) { () throws(CommandError) -> Receipt in
            let state = try present(name, terms)
            let amended: Rollout
            do throws(AmendmentFault) {
                amended = try state.rollout.amended(by: amendment)
            } catch {
                throw .notAmendable(pointer: error.pointer, detail: error.detail, state)
            }
            guard amended != state.rollout else { return Receipt(state: state, changed: false) }
            var next = state.rollout.changed(at: now())
            next.plan = amended.plan
            if next.plan.analysis.isEnabled, next.telemetrySecret == nil {
                next.telemetrySecret = newSecret()
            }
            let saved = try await saveCommand(
                next, over: state.rollout, .amended, terms, changed: amendment.members)
            look(at: name, due: now())
            return Receipt(state: saved, changed: true)
        }
    }

    public func forget(
        _ name: RolloutName, abandon: Bool, _ terms: CommandTerms
    ) async throws(CommandError) {
        try await inTurn(name) { () throws(CommandError) in
            let state = try present(name, terms)
            guard abandon || state.rollout.isDrained else { throw .notForgettable(state) }
            let type: HistoryType = abandon ? .abandoned : .deleted
            let note = ChangeNote(
                type: type, actor: terms.actor, reason: terms.reason, applied: state.view.applied)
            let event = HistoryEvent(
                id: 0, at: now(), rollout: name, revision: state.rollout.revision + 1, type: type,
                from: state.rollout.phase.name, to: nil, actor: note.actor, reason: note.reason,
                data: HistoryEvent.Details(
                    asked: state.rollout.wantedShare, applied: note.applied,
                    cause: state.rollout.phase.cause))
            try await remove(state.rollout, event, terms.answer)
        }
    }

    public func plannedCalls(
        for name: RolloutName
    ) async throws(CommandError) -> [PlannedCall] {
        guard let state = board[name] else { throw .notFound }
        do throws(GatewayUnreadable) {
            return try await gateways.plannedCalls(for: state.rollout)
        } catch {
            throw .unavailable(error.message)
        }
    }

    public func settled(
        _ name: RolloutName, since epoch: Int, in phases: Set<Phase.Name>, within limit: Duration
    ) async -> RolloutState? {
        guard let state = board[name], !phases.contains(state.rollout.phase.name),
            limit > .zero, !waiters.isOvertaken(name, since: epoch)
        else { return board[name] }
        let number = waiters.nextNumber()
        let timer = Task {
            await sleep(limit)
            guard !Task.isCancelled else { return }
            waiters.wake(name, number: number)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiters.add(
                    OutcomeWaiters.Waiter(
                        number: number, phases: phases, continuation: continuation),
                    for: name)
                if Task.isCancelled { waiters.wake(name, number: number) }
            }
        } onCancel: {
            Task { await self.wakeWaiter(name, number: number) }
        }
        timer.cancel()
        return board[name]
    }

    private func wakeWaiter(_ name: RolloutName, number: Int) {
        waiters.wake(name, number: number)
    }

    /// The rollout as it is, if the terms allow to change it.
    func present(
        _ name: RolloutName, _ terms: CommandTerms
    ) throws(CommandError) -> RolloutState {
        guard let state = board[name] else { throw .notFound }
        if let revisions = terms.revisions, !revisions.contains(state.rollout.revision) {
            throw .stale(current: state.rollout.revision)
        }
        return state
    }

    private func saveCommand(
        _ next: Rollout, over present: Rollout, _ type: HistoryType, _ terms: CommandTerms,
        changed: [String] = []
    ) async throws(CommandError) -> RolloutState {
        let note = ChangeNote(
            type: type, actor: terms.actor, reason: terms.reason, changed: changed,
            answer: terms.answer, isCommand: true)
        do throws(LedgerError) { return try await save(next, over: present, note) } catch {
            throw CommandError(notSaved: error)
        }
    }

    private func remove(
        _ rollout: Rollout, _ event: HistoryEvent, _ answer: KeptAnswer?
    ) async throws(CommandError) {
        let entry = LedgerEntry(
            key: Self.key(rollout.name), replacing: rollout.revision,
            revision: event.revision, document: nil, event: StoredEvent.bytes(of: event),
            answer: answer)
        do throws(LedgerError) { try await append(entry, event) } catch {
            throw CommandError(notSaved: error)
        }
        await dropEvidence(rollout.name)
        if watches.removeValue(forKey: rollout.name) != nil { traffic?.forget(rollout.name) }
        shownTraffic[rollout.name] = nil
        board.remove(rollout.name)
        holdings.release(rollout.name)
        users.forget(rollout.name)
        progress[rollout.name] = nil
        written[rollout.name] = nil
        timeIsOver[rollout.name] = nil
        waiters.wake(rollout.name, phase: nil, epoch: 0, byCommand: true)
        gateways.forget(rollout.name, gateway: rollout.plan.gateway)
    }
}

extension CommandError {
    /// Nothing was saved, and nothing will be done.
    init(notSaved error: LedgerError) {
        switch error {
        case .full:
            self = .unavailable(
                "the disk of the data directory is full; nothing was saved; free some space")
        case .failed(let reason), .unreadable(let reason), .locked(let reason):
            self = .unavailable("the ledger could not be written: \(reason); nothing was saved")
        case .closed:
            self = .unavailable("the server is stopping; nothing was saved")
        case .stale:
            self = .unavailable("the ledger is ahead of this server; restart it")
        }
    }
}

extension Amendment {
    /// The names of the members that were given.
    var members: [String] {
        [
            labels == nil ? nil : "labels", adopt == nil ? nil : "adopt",
            progressDeadline == nil ? nil : "progress_deadline", steps == nil ? nil : "steps",
            analysis == nil ? nil : "analysis",
        ].compactMap(\.self)
    }
}
