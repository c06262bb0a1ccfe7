import Synchronization

/// Memory that many share, first come, first served.
final class MemoryBudget: Sendable {
    private let free: Atomic<Int>

    init(bytes: Int) { free = Atomic(bytes) }

    /// False: less is left, and nothing was taken.
    func take(_ bytes: Int) -> Bool {
        var seen = free.load(ordering: .relaxed)
        while seen >= bytes {
            let (taken, now) = free.weakCompareExchange(
                expected: seen, desired: seen - bytes, ordering: .relaxed)
            if taken { return true }
            seen = now
        }
        return false
    }

    func giveBack(_ bytes: Int) { free.add(bytes, ordering: .relaxed) }
}
