/// What was counted of one rollout's traffic and what follows from it, for the metrics.
public struct TrafficFigures: Sendable {
    /// Counts of one version since the rollout is watched by this process.
    public struct Version: Sendable {
        /// `stable` or `canary`.
        public let role: String
        public let attempts: Int
        public let failures: Int
        /// Failures that the gateway hid from the client by retrying.
        public let hiddenFailures: Int

        public init(role: String, attempts: Int, failures: Int, hiddenFailures: Int) {
            self.role = role
            self.attempts = attempts
            self.failures = failures
            self.hiddenFailures = hiddenFailures
        }
    }

    /// The evidence of one check.
    public struct Evidence: Sendable {
        public let check: String
        public let value: Double
        /// What it has to reach.
        public let needed: Double

        public init(check: String, value: Double, needed: Double) {
            self.check = check
            self.value = value
            self.needed = needed
        }
    }

    public let rollout: String
    public let verdict: String
    public let versions: [Version]
    public let evidence: [Evidence]
    /// Fraction 0...1; nil: nothing was seen in the last minute.
    public let observed: Double?

    public init(
        rollout: String, verdict: String, versions: [Version], evidence: [Evidence],
        observed: Double?
    ) {
        self.rollout = rollout
        self.verdict = verdict
        self.versions = versions
        self.evidence = evidence
        self.observed = observed
    }
}
