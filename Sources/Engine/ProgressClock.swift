import Rollouts

/// The time a rollout has been trying to reach what is wanted, while its gateway could be reached.
struct ProgressClock {
    /// The epoch of the rollout that is timed.
    let epoch: Int
    private var served: Int64 = 0
    private var runningSince: Timestamp?

    init(epoch: Int, at now: Timestamp, isReachable: Bool) {
        self.epoch = epoch
        runningSince = isReachable ? now : nil
    }

    /// Milliseconds so far.
    func elapsed(at now: Timestamp) -> Int64 {
        served + (runningSince.map { now.milliseconds(since: $0) } ?? 0)
    }

    mutating func set(isReachable: Bool, at now: Timestamp) {
        switch (runningSince, isReachable) {
        case (nil, true):
            runningSince = now
        case (.some(let since), false):
            served += now.milliseconds(since: since)
            runningSince = nil
        case (nil, false), (.some, true):
            break
        }
    }

    /// When `limit` will have passed, if nothing interrupts; nil: the clock stands still.
    func due(limit: TimeSpan, at now: Timestamp) -> Timestamp? {
        guard runningSince != nil else { return nil }
        return now.advanced(byMilliseconds: max(0, limit.milliseconds - elapsed(at: now)))
    }
}
