import Synchronization

/// Time in milliseconds since the start, as of the last tick: reading it costs one load.
///
/// A step is never longer than two paces. What was stamped with the last tick may have happened
/// just before this one; if the machine stood still in between, a long step would let deadlines
/// pass in which nobody could have met them. So they may come late, but hardly early.
final class Ticks: Sendable {
    private struct Look {
        var time = ContinuousClock.now
        var sum = Duration.zero
    }

    private let longest: Duration
    private let look = Mutex(Look())
    private let last = Atomic<Int64>(0)

    /// - Parameter pace: how often ``advance()`` is to be called.
    init(pace: Duration) { longest = pace * 2 }

    var now: Int64 { last.load(ordering: .relaxed) }

    func advance() {
        let time = ContinuousClock.now
        let sum = look.withLock { look in
            look.sum += min(time - look.time, longest)
            look.time = time
            return look.sum
        }
        last.store(sum.inMilliseconds, ordering: .relaxed)
    }
}
