public import Rollouts

/// Time as the gateway's side sees it, so that tests can make their own.
public struct GatewayClock: Sendable {
    /// Monotonic, since an arbitrary beginning.
    let now: @Sendable () -> Duration
    let sleep: @Sendable (Duration) async -> Void
    /// Wall clock, for records and for times that were saved.
    let timestamp: @Sendable () -> Timestamp
    /// 0..<1, for jitter.
    let random: @Sendable () -> Double

    /// - Parameter sleep: returns early when the task is cancelled.
    public init(
        now: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async -> Void,
        timestamp: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.sleep = sleep
        self.timestamp = timestamp
        self.random = random
    }

    /// How long an abort waits for one node before it turns to another: a second, or until the task
    /// is cancelled. In slices, so that it ends soon where a test's sleep does not look up.
    func patienceOfAnAbort() async {
        for _ in 0..<100 where !Task.isCancelled { await sleep(.milliseconds(10)) }
    }

    /// The machine's own time.
    public static func system(timestamp: @escaping @Sendable () -> Timestamp) -> GatewayClock {
        let clock = ContinuousClock()
        let start = clock.now
        return GatewayClock(
            now: { start.duration(to: clock.now) },
            sleep: { duration in
                // Cancelled: whoever slept looks at its task and ends.
                do { try await clock.sleep(for: duration) } catch { return }
            },
            timestamp: timestamp, random: { Double.random(in: 0..<1) })
    }
}
