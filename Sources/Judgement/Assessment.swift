public import Rollouts

/// Everything a person needs to agree or to disagree with a verdict.
public struct Assessment: Hashable, Sendable {
    public let verdict: Verdict
    /// Why it is not healthy though nothing is unhealthy; empty otherwise.
    public let obstacles: [Obstacle]
    /// The rollout's alpha after halvings for evidence that was lost.
    public let alpha: Double
    /// The policy's checks in their order, then the watch over the share.
    public let checks: [CheckAssessment]
    public let step: StepAssessment
    /// Counts since the trial began or the service started.
    public let rollout: Tally
    /// Attempts on the canary that are missing for healthy: 0 when none are, nil when, at the
    /// rates seen, no number would do.
    public let missingRequests: Int?
    /// Seconds those take at the present rate of the canary; nil while nothing arrives.
    public let missingSeconds: Int?
    /// The most by which the canary's failure rate can exceed stable's in this step: the upper
    /// bound of one less the lower bound of the other; nil without attempts on both.
    public let harmExcludedAbove: Double?
    /// Only a person can go on: nothing can be compared at 100 % and no limit was asked for.
    public let needsApproval: Bool
    /// Receipt of the last block; nil before the first.
    public let lastBlock: Timestamp?
}

/// The counts of the step, of both versions since the same instant.
public struct StepAssessment: Hashable, Sendable {
    /// Counted from 1; 0 before the first.
    public let number: Int
    public let share: TrafficShare?
    public let began: Timestamp?
    public let tally: Tally
    /// Attempts on the canary per second in the last minute.
    public let canaryRate: Double
}

/// What stands between a rollout without alarm and healthy.
public enum Obstacle: String, CaseIterable, Sendable {
    /// No attempt on the canary in this step.
    case nothingMeasured = "nothing_measured"
    case tooFewRequests = "too_few_requests"
    /// Stable gets no traffic, so comparisons keep their last evidence.
    case noStableTraffic = "no_stable_traffic"
    /// A check has seen nothing of what it needs: no scores, no answers, no measurements.
    case notMeasured = "not_measured"
    /// Stable has given fewer than the 50 values that a comparison begins with.
    case fewStableValues = "few_stable_values"
    /// `no_harm` is required and harm above `max_increase` is still possible.
    case harmNotExcluded = "harm_not_excluded"
    /// A person resumed over this check's alarm in this step.
    case acknowledged
    /// Nothing is compared at 100 % and the policy has no limit.
    case needsApproval = "needs_approval"
}

/// One check with its figures.
public struct CheckAssessment: Hashable, Sendable {
    /// `error_rate`, `latency p95`, …
    public let label: String
    public let metric: Check.Metric
    public let status: Verdict
    /// Why the status is inconclusive; nil otherwise.
    public let reason: Obstacle?
    /// The check's part of alpha; nil: no guarantee.
    public let alpha: Double?
    public let comparison: Comparison?
    public let limit: Limit?
    /// Figures of this step.
    public let stable: Figure?
    public let canary: Figure?
    /// Figures of the whole rollout, without intervals: shares differ from step to step.
    public let stableOverall: Figure?
    public let canaryOverall: Figure?
    /// Of score_drift only, over this step.
    public let distances: ScoreDistances?
    /// Of measurement only: values that wait for the other version's, and such as were displaced.
    public let waiting: Int?
    public let displaced: Int?
    public let alarm: Alarm?

    /// Evidence against the canary in comparison with stable.
    public struct Comparison: Hashable, Sendable {
        /// `max_increase`, `max_ratio`, `max_distance`, `max_harm`, `half_of_told`.
        public let name: String
        /// In the metric's own unit.
        public let allowed: Double
        /// E: unhealthy from `evidenceNeeded` = 1/`alpha` on.
        public let evidence: Double
        public let evidenceNeeded: Double
        public let alpha: Double
        /// The period that carries the evidence; nil before the first comparison.
        public let period: EvidencePeriod?
    }

    /// A limit on the canary alone.
    public struct Limit: Hashable, Sendable {
        /// `max`, `max_ms`, `failure_limit`.
        public let name: String
        /// In the metric's own unit.
        public let allowed: Double
        /// What must not exceed `boundMayBe`: the lower bound of the share that is above the
        /// limit, for `failure_limit` the failures so far.
        public let bound: Double
        public let boundMayBe: Double
        /// nil: no guarantee.
        public let alpha: Double?
    }

    /// A measured number, in the metric's own unit, with an interval that holds at every look.
    public struct Figure: Hashable, Sendable {
        public let value: Double
        /// nil: unbounded or not computed.
        public let low: Double?
        public let high: Double?
        /// Attempts, answers, scores or pairs behind it.
        public let count: Int
    }
}
