import DequeModule
import Rollouts
import Synchronization

/// The kept events, oldest first, and those who follow them.
///
/// Appends to the ledger end in any order; readers and followers see events in the order of their
/// ids. An event is held back while an append that began before it ended is still in flight,
/// because that one may have got a lower id.
final class HistoryBook: Sendable {
    /// Events kept of one rollout, and of all together.
    static let perRollout = 500
    static let inAll = 10_000
    /// Events that may wait for a follower before its stream is ended.
    static let followerBacklog = 1_000

    private struct Held {
        let event: HistoryEvent
        /// The newest ticket when its append ended.
        let behind: Int
    }

    private struct Follower {
        let rollout: RolloutName?
        let continuation: AsyncStream<HistoryEvent>.Continuation
    }

    /// An event by reference, so that dropping one moves words and not whole events.
    private final class Kept: Sendable {
        let event: HistoryEvent
        init(_ event: HistoryEvent) { self.event = event }
    }

    private struct Contents {
        var events: Deque<Kept> = []
        var counts: [RolloutName: Int] = [:]
        /// The highest id that was dropped, over all and by rollout.
        var forgotten = 0
        var forgottenOf: [RolloutName: Int] = [:]
        var last = 0
        var tickets = 0
        /// Tickets of appends under way, oldest first: they end in nearly that order.
        var inFlight: Deque<Int> = []
        var held: [Held] = []
        var followers: [Int: Follower] = [:]
        var nextFollower = 0
        /// Followers that fell too far behind; to be ended outside of the lock.
        var late: [Follower] = []
    }

    private let contents = Mutex(Contents())
    /// Followers whose streams are over, by number. A lock of its own: a stream ends where a task
    /// is cancelled, under that task's lock, and a yield takes that lock under ours.
    private let gone = Mutex<[Int]>([])

    var lastEventID: Int { contents.withLock { $0.last } }

    /// Says that an append begins.
    func begin() -> Int {
        contents.withLock { contents in
            contents.tickets += 1
            contents.inFlight.append(contents.tickets)
            return contents.tickets
        }
    }

    /// Says that an append ended, with the event it saved; nil: it failed.
    func end(_ ticket: Int, _ event: HistoryEvent?) {
        let late = contents.withLock { contents in
            defer { contents.late = [] }
            forgetGone(in: &contents)
            if let place = contents.inFlight.firstIndex(of: ticket) {
                contents.inFlight.remove(at: place)
            }
            if let event {
                let place = contents.held.firstIndex { $0.event.id > event.id }
                contents.held.insert(
                    Held(event: event, behind: contents.tickets),
                    at: place ?? contents.held.endIndex)
            }
            let oldest = contents.inFlight.first ?? Int.max
            while let first = contents.held.first, first.behind < oldest {
                contents.held.removeFirst()
                Self.enter(first.event, in: &contents)
            }
            return contents.late
        }
        for follower in late { follower.continuation.finish() }
    }

    /// Enters what was loaded at the start, oldest first.
    func fill(_ events: [HistoryEvent], lastSequence: Int) {
        contents.withLock { contents in
            for event in events { Self.enter(event, in: &contents) }
            // Older ones may have been dropped before the restart.
            contents.forgotten = max(contents.forgotten, (events.first?.id ?? 1) - 1)
            contents.last = max(contents.last, lastSequence)
        }
    }

    func page(of rollout: RolloutName?, after id: Int, limit: Int) -> HistoryPage {
        contents.withLock { contents in
            let start = Self.place(after: id, in: contents.events)
            var found: [HistoryEvent] = []
            var hasMore = false
            for kept in contents.events[start...] {
                let event = kept.event
                if let rollout, event.rollout != rollout { continue }
                if found.count == limit {
                    hasMore = true
                    break
                }
                found.append(event)
            }
            let forgotten = rollout.map { contents.forgottenOf[$0] ?? 0 } ?? contents.forgotten
            return HistoryPage(events: found, hasGap: id < forgotten, hasMore: hasMore)
        }
    }

    func follow(_ rollout: RolloutName?) -> AsyncStream<HistoryEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: HistoryEvent.self, bufferingPolicy: .bufferingOldest(Self.followerBacklog))
        let number = contents.withLock { contents in
            forgetGone(in: &contents)
            contents.nextFollower += 1
            contents.followers[contents.nextFollower] = Follower(
                rollout: rollout, continuation: continuation)
            return contents.nextFollower
        }
        continuation.onTermination = { [weak self] _ in
            self?.gone.withLock { $0.append(number) }
        }
        return stream
    }

    private func forgetGone(in contents: inout Contents) {
        let numbers = gone.withLock { numbers in
            defer { numbers = [] }
            return numbers
        }
        for number in numbers { contents.followers[number] = nil }
    }

    /// Ends every stream.
    func close() {
        let followers = contents.withLock { contents in
            defer { contents.followers = [:] }
            return contents.followers.values
        }
        for follower in followers { follower.continuation.finish() }
    }

    private static func enter(_ event: HistoryEvent, in contents: inout Contents) {
        contents.events.append(Kept(event))
        contents.last = max(contents.last, event.id)
        contents.counts[event.rollout, default: 0] += 1
        if contents.counts[event.rollout, default: 0] > perRollout {
            drop(contents.events.firstIndex { $0.event.rollout == event.rollout } ?? 0, in: &contents)
        }
        if contents.events.count > inAll { drop(0, in: &contents) }
        for (number, follower) in contents.followers
        where follower.rollout == nil || follower.rollout == event.rollout {
            if case .dropped = follower.continuation.yield(event) {
                contents.followers[number] = nil
                contents.late.append(follower)
            }
        }
    }

    private static func drop(_ index: Int, in contents: inout Contents) {
        let event = contents.events.remove(at: index).event
        contents.forgotten = max(contents.forgotten, event.id)
        contents.forgottenOf[event.rollout] = event.id
        contents.counts[event.rollout, default: 1] -= 1
        if contents.counts[event.rollout] == 0 { contents.counts[event.rollout] = nil }
    }

    private static func place(after id: Int, in events: Deque<Kept>) -> Int {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].event.id <= id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
