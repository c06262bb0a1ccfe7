public import Rollouts
internal import Synchronization

/// A ledger that forgets when the process ends: for tests, and for trying things out.
public final class InMemoryLedger: RolloutLedger {
    private struct State {
        var contents = LedgerContents()
        var isClosed = false
    }

    private let state = Mutex(State())
    private let followers = Followers()
    private let now: Timestamp

    /// - Parameter now: Answers that expired before are not loaded.
    public init(now: Timestamp) { self.now = now }

    public func load() async throws(LedgerError) -> LoadedLedger {
        let contents = state.withLock { $0.contents }
        return LoadedLedger(
            documents: contents.documents.sorted { $0.value.sequence < $1.value.sequence }
                .map { .init(key: $0, revision: $1.revision, json: $1.json) },
            events: contents.keptEvents.map {
                .init(sequence: $0.sequence, key: $0.key, json: $0.json)
            },
            answers: contents.answers(at: now.milliseconds), lastSequence: contents.lastSequence,
            remarks: [])
    }

    public nonisolated(nonsending) func append(
        _ entry: LedgerEntry, at: Timestamp
    ) async throws(LedgerError) -> Int {
        _ = try entry.checkedBound()
        let outcome = state.withLock { state -> Result<Int, LedgerError> in
            guard !state.isClosed else { return .failure(.closed) }
            let current = state.contents.documents[entry.key]?.revision
            guard current == entry.replacing else { return .failure(.stale(current: current)) }
            let sequence = state.contents.lastSequence + 1
            state.contents.apply(
                JournalLine(
                    sequence: sequence, batchIndex: 0, time: at.milliseconds, key: entry.key,
                    change: .init(
                        key: entry.key, revision: entry.revision, document: entry.document),
                    event: entry.event, answer: entry.answer))
            state.contents.lastSequence = sequence
            // Told under the lock, so that followers see changes in order.
            followers.tell([
                LedgerChange(
                    sequence: sequence, key: entry.key, revision: entry.revision,
                    document: entry.document)
            ])
            return .success(sequence)
        }
        return try outcome.get()
    }

    public func keep(_ answer: KeptAnswer) async {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.contents.apply(
                JournalLine(
                    sequence: state.contents.lastSequence, batchIndex: 0,
                    time: state.contents.time, key: "", change: nil, event: nil, answer: answer))
        }
    }

    public func changes() -> AsyncStream<LedgerChange> { followers.follow() }

    public func close() async {
        state.withLock { $0.isClosed = true }
        followers.close()
    }
}
