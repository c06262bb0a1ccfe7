internal import Rollouts
internal import Synchronization

/// Those who follow the changes.
final class Followers: Sendable {
    /// Changes a follower may be behind before its stream ends.
    static let patience = 4096

    private struct State {
        var next = 0
        var isClosed = false
        var streams: [Int: AsyncStream<LedgerChange>.Continuation] = [:]
    }

    private let state = Mutex(State())

    func follow() -> AsyncStream<LedgerChange> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: LedgerChange.self, bufferingPolicy: .bufferingOldest(Self.patience))
        let number: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.next += 1
            state.streams[state.next] = continuation
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.forget(number) }
        return stream
    }

    private func forget(_ number: Int) {
        state.withLock { state in _ = state.streams.removeValue(forKey: number) }
    }

    func tell(_ changes: [LedgerChange]) {
        // Finishing calls back into `forget`, so that it must happen outside of the lock.
        let streams = state.withLock { Array($0.streams.values) }
        for stream in streams {
            for change in changes {
                if case .dropped = stream.yield(change) {
                    stream.finish()
                    break
                }
            }
        }
    }

    func close() {
        let streams = state.withLock { state in
            state.isClosed = true
            return Array(state.streams.values)
        }
        for stream in streams { stream.finish() }
    }
}
