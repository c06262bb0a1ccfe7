import Rollouts
import RolloutJSON

/// What is saved with a change besides the rollout itself.
struct ChangeNote {
    let type: HistoryType
    let actor: String
    var reason: String?
    var applied: TrafficShare?
    var changed: [String] = []
    /// Why, where the phase does not tell.
    var cause: Cause?
    var answer: KeptAnswer?
    /// Whether a person's command moved the rollout, so that others who wait are overtaken.
    var isCommand = false
}

extension RolloutEngine {
    /// Runs `body` when nobody else changes `name`.
    func inTurn<Success: Sendable, Failure: Error>(
        _ name: RolloutName, isUrgent: Bool = false,
        _ body: () async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        if !turns.take(name) {
            await withCheckedContinuation { turns.queue(name, first: isUrgent, $0) }
        }
        defer { turns.pass(name) }
        return try await body()
    }

    /// Saves `next`, shows it, and tells the gateway. The caller has the rollout's turn.
    ///
    /// - Parameter view: What is known of Kong from here on; nil: as before.
    func save(
        _ next: Rollout, over present: Rollout?, _ note: ChangeNote, view: GatewayView? = nil
    ) async throws(LedgerError) -> RolloutState {
        let event = event(for: next, over: present, note)
        let isUrgent = next.phase.name == .aborting || next.phase.name == .aborted
        try await append(
            LedgerEntry(
                key: Self.key(next.name), replacing: present?.revision, revision: next.revision,
                document: document(of: next), event: StoredEvent.bytes(of: event),
                answer: note.answer, isUrgent: isUrgent),
            event)
        let moved = next.epoch != present?.epoch
        var seen = view ?? board[next.name]?.view ?? GatewayView()
        let isHeld = next.keepsConfirmation(of: present)
        if moved && view == nil && !isHeld { seen.confirmedAt = nil }
        seen.carry(over: board[next.name]?.view)
        settle(&seen, for: next)
        let state = RolloutState(
            rollout: next, view: seen, viewNumber: 0, traffic: traffic(of: next))
        board.show(state)
        follow(next, over: present)
        if isNewToWatch(next, over: present, seen) { watch(next, seen) }
        if moved { evidenceIsDue(next) }
        waiters.wake(
            next.name, phase: next.phase.outcome, epoch: next.epoch,
            byCommand: moved && note.isCommand)
        // A pause or a resume of a confirmed share gives Kong nothing to do; another plan may.
        let isPlanned = present.map { $0.$plan != next.$plan } ?? false
        if isPlanned || ((moved || note.isCommand) && !(isHeld && seen.confirmedAt != nil)) {
            gateways.wake(next.name, gateway: next.plan.gateway, isUrgent: isUrgent)
        }
        return state
    }

    private func document(of rollout: Rollout) -> [UInt8] {
        // Beyond, all are let go and written anew: a bound on memory, not on rollouts.
        if written.count >= Self.writtenLimit, written[rollout.name] == nil { written = [:] }
        return StoredRollout.bytes(of: rollout, keeping: &written[rollout.name, default: .init()])
    }

    /// Appends, and enters the event in the history under its sequence.
    func append(_ entry: LedgerEntry, _ event: HistoryEvent) async throws(LedgerError) {
        let ticket = history.begin()
        do throws(LedgerError) {
            let sequence = try await ledger.append(entry, at: event.at)
            let saved = event.numbered(sequence)
            history.end(ticket, saved)
            notice(.saved(saved))
        } catch {
            history.end(ticket, nil)
            notice(.notSaved(event.rollout, error))
            throw error
        }
    }

    func event(
        for next: Rollout, over present: Rollout?, _ note: ChangeNote
    ) -> HistoryEvent {
        HistoryEvent(
            id: 0, at: next.updatedAt, rollout: next.name, revision: next.revision,
            type: note.type, from: present?.phase.name, to: next.phase.name, actor: note.actor,
            reason: note.reason,
            data: HistoryEvent.Details(
                asked: next.wantedShare, applied: note.applied,
                step: next.phase.position?.index(in: next.plan.steps),
                cause: note.cause
                    ?? (note.type == .paused || note.type == .aborting || note.type == .aborted
                        ? next.phase.cause : nil),
                changed: note.changed))
    }

    /// Keeps the indices and clocks that depend on what is saved.
    func follow(_ rollout: Rollout, over present: Rollout? = nil) {
        // Most commands change nothing of what a rollout holds and uses.
        if !rollout.holdsTheSame(as: present) {
            users.note(rollout)
            holdings.note(rollout)
        }
        clock(rollout)
    }

    /// Keeps the clocks of its hold and of its progress.
    func clock(_ rollout: Rollout) {
        if let ends = rollout.holdEnds { look(at: rollout.name, due: ends) }
        time(rollout)
    }

    static func key(_ name: RolloutName) -> String { "rollouts/\(name)" }
}

extension Rollout {
    /// Whether it names, holds and uses the same entities of Kong as `earlier`.
    fileprivate func holdsTheSame(as earlier: Rollout?) -> Bool {
        guard let earlier else { return false }
        return $plan == earlier.$plan && $footing == earlier.$footing
            && phase.isEnded == earlier.phase.isEnded && isDrained == earlier.isDrained
    }

    /// Whether what Kong was seen to serve for `earlier` is what this one wants.
    func keepsConfirmation(of earlier: Rollout?) -> Bool {
        guard let earlier, wantedShare == earlier.wantedShare, $footing == earlier.$footing
        else { return false }
        return phase.isAtRest && earlier.phase.isAtRest
    }
}

extension Phase {
    /// Whether nothing is to be reached: a share is held, or was when the clock was stopped.
    fileprivate var isAtRest: Bool {
        switch self {
        case .holding: true
        case .paused(let pause):
            switch pause.interrupted {
            case .holding: posture == .full
            case .pending, .shifting: false
            }
        case .pending, .shifting, .promoting, .promoted, .aborting, .aborted: false
        }
    }

    /// What those who wait for an outcome take this phase for: a rollout with a manual start is
    /// where its creation leads once it is registered.
    fileprivate var outcome: Name {
        switch self {
        case .pending(registered: true): .holding
        case .pending(registered: false), .shifting, .holding, .paused, .promoting, .promoted,
            .aborting, .aborted:
            name
        }
    }
}

extension HistoryEvent {
    /// The same event under the journal's sequence.
    func numbered(_ sequence: Int) -> HistoryEvent {
        HistoryEvent(
            id: sequence, at: at, rollout: rollout, revision: revision, type: type, from: from,
            to: to, actor: actor, reason: reason, data: data)
    }
}
