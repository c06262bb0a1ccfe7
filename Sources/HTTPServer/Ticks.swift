import Synchronization

/// Time in milliseconds since the start, as of the last tick: reading it costs one load.
final class Ticks: Sendable {
    private let start = ContinuousClock.now
    private let last = Atomic<Int64>(0)

    var now: Int64 { last.load(ordering: .relaxed) }

    func advance() {
        last.store((ContinuousClock.now - start).inMilliseconds, ordering: .relaxed)
    }
}
