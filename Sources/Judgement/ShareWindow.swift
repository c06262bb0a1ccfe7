public import Rollouts

/// Requests of the last minute, counted by the second of their receipt.
public struct ShareWindow: Hashable, Sendable {
    /// Seconds that are looked back over, the present one included.
    public static let seconds = 60
    private static let slots = 64

    /// Three numbers a second: first tries on stable, on the canary, attempts on the canary.
    private var counts: [UInt32] = []
    private var newest: Int64 = .min
    private var began: Int64 = .min

    public init() {}

    public mutating func count(
        stableFirstTries: Int, canaryFirstTries: Int, canaryAttempts: Int, at instant: Timestamp
    ) {
        let second = Self.second(of: instant)
        if counts.isEmpty {
            counts = [UInt32](repeating: 0, count: 3 * Self.slots)
            began = second
            newest = second
        }
        forget(until: second)
        // A clock that was set back counts in its newest second.
        let slot = Self.slot(of: max(second, newest))
        counts[slot] += UInt32(clamping: stableFirstTries)
        counts[slot + 1] += UInt32(clamping: canaryFirstTries)
        counts[slot + 2] += UInt32(clamping: canaryAttempts)
    }

    private mutating func forget(until second: Int64) {
        guard second > newest else { return }
        let stale = min(second - newest, Int64(Self.slots))
        for passed in 0..<stale {
            let slot = Self.slot(of: second - passed)
            for offset in 0..<3 { counts[slot + offset] = 0 }
        }
        newest = second
    }

    private static func second(of instant: Timestamp) -> Int64 {
        max(0, instant.milliseconds / 1000)
    }

    private static func slot(of second: Int64) -> Int { Int(second % Int64(slots)) * 3 }

    /// Seconds of the window that have been watched, at least 1.
    private func length(at instant: Timestamp) -> Int64 {
        min(Int64(Self.seconds), max(1, Self.second(of: instant) - began + 1))
    }

    private func sum(_ offset: Int, at instant: Timestamp) -> Int {
        guard !counts.isEmpty else { return 0 }
        let last = max(newest, Self.second(of: instant))
        let first = last - Int64(Self.seconds) + 1
        guard first <= newest else { return 0 }
        var sum = 0
        for second in max(0, first)...newest {
            sum += Int(counts[Self.slot(of: second) + offset])
        }
        return sum
    }

    /// The share of first tries that the canary got, with Wilson's interval; nil without any.
    public func observed(at instant: Timestamp) -> ObservedShare? {
        let stable = sum(0, at: instant)
        let canary = sum(1, at: instant)
        guard stable + canary > 0 else { return nil }
        let bounds = Wilson.bounds(canary, of: stable + canary)
        return ObservedShare(
            share: Double(canary) / Double(stable + canary), low: bounds.low, high: bounds.high,
            requests: stable + canary, windowSeconds: Self.seconds)
    }

    /// Attempts on the canary per second.
    public func canaryRate(at instant: Timestamp) -> Double {
        guard !counts.isEmpty else { return 0 }
        return Double(sum(2, at: instant)) / Double(length(at: instant))
    }
}
