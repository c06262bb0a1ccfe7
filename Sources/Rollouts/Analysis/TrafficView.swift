/// What a rollout's traffic has shown, as it is read beside what Kong says.
public struct TrafficView: Hashable, Sendable {
    public var observed: ObservedShare?
    /// First tries on the canary since this step's share was confirmed.
    public var canaryRequests: Int
    /// Nil: nothing can be compared, because stable gets no traffic, and no limit is set.
    public var verdict: Verdict?
    /// When a record last arrived.
    public var lastRecord: Timestamp?

    public init(
        observed: ObservedShare?, canaryRequests: Int, verdict: Verdict?, lastRecord: Timestamp?
    ) {
        self.observed = observed
        self.canaryRequests = canaryRequests
        self.verdict = verdict
        self.lastRecord = lastRecord
    }
}
