import RolloutJSON
import Rollouts

/// What the engine does with what was kept. Nothing else runs meanwhile, and a start must not take
/// long with many rollouts, so all that is one rollout's own is done on every core.
extension RolloutEngine {
    func show(_ loaded: LoadedLedger) async throws(StartError) {
        var documents: [LoadedLedger.Document] = []
        documents.reserveCapacity(loaded.documents.count)
        for document in loaded.documents {
            if document.key.hasPrefix(Self.evidencePrefix) {
                try readEvidence(document)
            } else {
                documents.append(document)
            }
        }
        let states = try await StoredDocuments.read(documents) { [viewCounter] rollout in
            RolloutState(rollout: rollout, view: Self.view(of: rollout), viewNumber: viewCounter)
        }
        var events: [HistoryEvent] = []
        for event in loaded.events {
            do { events.append(try StoredEvent.read(event.json, id: event.sequence)) } catch {
                throw .document(key: "event \(event.sequence)", "\(error)")
            }
        }
        history.fill(events, lastSequence: loaded.lastSequence)
        async let held = Self.held(by: states)
        board.fill(states)
        for state in states { clock(state.rollout) }
        await watch(states)
        (holdings, users) = await held
    }

    /// What is known without asking Kong. A drained rollout is not followed any more, so that
    /// nobody else would say that it is drained.
    private static func view(of rollout: Rollout) -> GatewayView {
        var view = GatewayView()
        if let drainedAt = rollout.drainedAt {
            view.set(
                .drained, .good, "Drained", "Nothing of this rollout is left to take out of Kong.",
                at: drainedAt)
        }
        return view
    }

    private nonisolated static func held(
        by states: [RolloutState]
    ) async -> (Holdings, UpstreamUsers) {
        var holdings = Holdings(capacity: states.count)
        var users = UpstreamUsers(capacity: states.count)
        for state in states {
            users.note(state.rollout)
            holdings.note(state.rollout)
        }
        return (holdings, users)
    }

    /// As ``watch(_:_:)``, of each.
    private func watch(_ states: [RolloutState]) async {
        guard let traffic else { return }
        let present = now()
        watches.reserveCapacity(states.count)
        deadlines.reserveCapacity(states.count)
        await Shares.forEach(states) { [evidence] share in
            share.compactMap { Begun($0, evidence[$0.rollout.name]?.kept, traffic, at: present) }
        } take: { share in
            for begun in share {
                let name = begun.watched.wrappedValue.name
                watches[name] = begun.watched
                if let due = begun.silenceDue { look(at: name, due: due) }
                if begun.hasAlarm { look(at: name, due: present) }
            }
        }
    }
}

/// A rollout that whoever counts the traffic was told of.
private struct Begun: Sendable {
    let watched: Boxed<WatchedRollout>
    let silenceDue: Timestamp?
    /// Raised before the restart, and not acted upon.
    let hasAlarm: Bool

    /// Nil: nothing of it is judged.
    init?(
        _ state: RolloutState, _ kept: StoredEvidence?, _ traffic: any TrafficPort,
        at present: Timestamp
    ) {
        guard let watched = RolloutEngine.watched(state.rollout, state.view, known: nil) else {
            return nil
        }
        self.watched = Boxed(wrappedValue: watched)
        traffic.watch(watched, evidence: kept?.evidence)
        if let pending = kept?.measurements, !pending.isEmpty {
            traffic.measured(pending, of: watched.name, at: present)
        }
        // No record can have arrived yet, and nothing was raised where nothing was kept.
        silenceDue = RolloutEngine.silenceDue(state.rollout, nil)
        hasAlarm = kept != nil && traffic.alarm(of: watched.name) != nil
    }
}
