import Rollouts
import Synchronization

/// The rollouts of which something new was counted, on their way to be judged.
///
/// Whoever counts only leaves the name and goes on. A name that waits already is not kept twice,
/// so the list is never longer than there are rollouts.
final class TrafficNews: Sendable {
    private struct Waiting {
        var names: [RolloutName] = []
        var known: Set<RolloutName> = []
    }

    private let waiting = Mutex(Waiting())
    let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init() {
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func put(_ names: [RolloutName]) {
        let areFirst = waiting.withLock { waiting in
            let wasEmpty = waiting.names.isEmpty
            for name in names where waiting.known.insert(name).inserted {
                waiting.names.append(name)
            }
            return wasEmpty && !waiting.names.isEmpty
        }
        if areFirst { ring.yield() }
    }

    /// All that wait, oldest first.
    func take() -> [RolloutName] {
        waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return waiting.names
        }
    }
}
