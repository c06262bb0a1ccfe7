/// What the traffic says of the canary. Nothing measured is inconclusive.
public enum Verdict: String, CaseIterable, Sendable {
    case healthy, unhealthy, inconclusive
}

/// The share the canary was seen to get, by first tries only.
public struct ObservedShare: Hashable, Sendable {
    /// Fractions 0...1; `low` and `high` are Wilson's interval.
    public let share: Double
    public let low: Double
    public let high: Double
    /// First tries on either version in the window.
    public let requests: Int
    public let windowSeconds: Int

    public init(share: Double, low: Double, high: Double, requests: Int, windowSeconds: Int) {
        self.share = share
        self.low = low
        self.high = high
        self.requests = requests
        self.windowSeconds = windowSeconds
    }
}

/// What made a check say unhealthy: enough for a person to agree or to disagree.
public struct Alarm: Hashable, Sendable {
    /// The check, in the words of the interface, with its name or quantile: `latency p95`.
    public let check: String
    public let metric: Check.Metric
    /// What was exceeded: `max_increase`, `max`, `max_ratio`, `max_ms`, …
    public let limit: String
    /// The limit's value, in the metric's own unit.
    public let threshold: Double
    /// What was measured in the period, in the metric's own unit; nil: not measured.
    public let canary: Double?
    public let stable: Double?
    /// Attempts, answers or values behind the two figures.
    public let canaryCount: Int
    public let stableCount: Int
    /// The evidence E and what it had to reach; nil where an interval decided.
    public let evidence: Double?
    public let evidenceNeeded: Double?
    /// The period in which it was worse: receipt of the first and of the last block.
    public let from: Timestamp
    public let to: Timestamp

    public init(
        check: String, metric: Check.Metric, limit: String, threshold: Double, canary: Double?,
        stable: Double?, canaryCount: Int, stableCount: Int, evidence: Double?,
        evidenceNeeded: Double?, from: Timestamp, to: Timestamp
    ) {
        self.check = check
        self.metric = metric
        self.limit = limit
        self.threshold = threshold
        self.canary = canary
        self.stable = stable
        self.canaryCount = canaryCount
        self.stableCount = stableCount
        self.evidence = evidence
        self.evidenceNeeded = evidenceNeeded
        self.from = from
        self.to = to
    }
}
