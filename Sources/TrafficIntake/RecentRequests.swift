/// Identities of requests that were counted, so that a batch which Kong sends again is not.
///
/// Kong repeats a batch that was not answered in time for up to a minute, in front of everything
/// that waits behind it in the same worker. What must be remembered is thus a minute of the
/// traffic through all workers: the memory doubles while it holds less, from 64 B up to 256 KiB
/// (65,536 requests), as far as the budget of all rollouts together allows.
///
/// It is a cache of 16 ways without a list: the low bits of an identity choose a bucket, 32 other
/// bits stand in it, newest first; one more pushes the oldest out. A request is remembered for
/// about `capacity` others, at least for a half with a probability of 0.99, a quarter 0.999995.
/// One in 270 million is taken for another one and dropped; which version it was on has no part
/// in that.
struct RecentRequests: Sendable {
    /// Identities in a bucket.
    static let ways = 16
    /// Milliseconds in which Kong may send a batch again: its `max_retry_time`, and a time-out.
    static let horizon: Int64 = 65_000
    /// The most requests that are remembered for one rollout.
    static let most = 65_536
    /// Requests that are remembered whatever the budget of all says: 4 KiB.
    static let always = 1024

    /// Bucket by bucket, the newest first; 0 is none. A power of two, at least 16, or nothing.
    private var tags: [UInt32] = []
    private let budget: MemoryBudget
    /// Bytes taken from the budget.
    private var borrowed = 0
    /// Requests since `mark`, when the present size was last found too small or large enough.
    private var fresh = 0
    private var mark: Int64 = 0

    init(budget: MemoryBudget) { self.budget = budget }

    /// How many requests there is room for.
    var capacity: Int { tags.count }
    var bytes: Int { tags.count * MemoryLayout<UInt32>.stride }

    /// Makes room for `count` more requests at `instant`, in milliseconds.
    mutating func prepare(for count: Int, at instant: Int64) {
        if tags.isEmpty {
            tags = [UInt32](repeating: 0, count: Self.ways)
            mark = instant
        }
        while capacity < 4 * count, double() {}
        while fresh + count > capacity / 2 {
            // A clock that was set back says nothing of the traffic.
            let isTooSmall = (0..<Self.horizon).contains(instant - mark)
            if isTooSmall, double() { continue }
            fresh = 0
            mark = instant
            break
        }
        fresh += count
    }

    /// Whether `identity` is remembered; from now on it is.
    mutating func recognizes(_ identity: UInt64) -> Bool {
        let first = (Int(truncatingIfNeeded: identity) &* Self.ways) & (capacity - 1)
        let tag = max(1, UInt32(truncatingIfNeeded: identity >> 32))
        return tags.withUnsafeMutableBytes { tags in
            let bucket = UnsafeMutableRawBufferPointer(
                rebasing: tags[first * 4..<(first + Self.ways) * 4])
            // All of them are looked at, several at a time.
            var found: UInt32 = 0
            for place in 0..<Self.ways {
                found |= bucket.load(fromByteOffset: place * 4, as: UInt32.self) == tag ? 1 : 0
            }
            guard found == 0 else { return true }
            let older = UnsafeRawBufferPointer(rebasing: bucket.dropLast(4))
            UnsafeMutableRawBufferPointer(rebasing: bucket.dropFirst(4)).copyMemory(from: older)
            bucket.storeBytes(of: tag, as: UInt32.self)
            return false
        }
    }

    /// Gives all memory back.
    mutating func forgetAll() {
        tags = []
        budget.giveBack(borrowed)
        borrowed = 0
        fresh = 0
    }

    /// False: there is no more room. One more low bit chooses the bucket then, and because it is
    /// not known of those that are here, each stands in both until it is pushed out.
    private mutating func double() -> Bool {
        guard capacity < Self.most else { return false }
        if capacity >= Self.always {
            guard budget.take(bytes) else { return false }
            borrowed += bytes
        }
        tags += tags
        return true
    }
}
