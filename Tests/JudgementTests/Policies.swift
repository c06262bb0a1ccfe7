import Rollouts

extension AnalysisPolicy {
    /// The default document, or one with other checks.
    static func standard(
        alpha: Double = 0.01, requirement: Requirement = .noAlarm, minRequests: Int = 300,
        checks: [Check] = [
            .errorRate(.init(maxIncrease: 0.01, max: nil)),
            .latency(.init(quantile: 0.95, maxRatio: 1.25, maxMilliseconds: nil)),
        ]
    ) -> AnalysisPolicy {
        AnalysisPolicy(
            isEnabled: true, alpha: alpha, after: TimeSpan(seconds: 0)!, onUnhealthy: .abort,
            noData: .hold, noDataAfter: TimeSpan(seconds: 300)!, requirement: requirement,
            minRequests: minRequests, score: nil, checks: checks)
    }

    /// The default checks and `score_drift` with `max_distance` 0.1.
    static let withScores = standard(checks: [
        .errorRate(.init(maxIncrease: 0.01, max: nil)),
        .latency(.init(quantile: 0.95, maxRatio: 1.25, maxMilliseconds: nil)),
        .scoreDrift(.init(maxDistance: 0.1)),
    ])
}

extension Timestamp {
    init(_ milliseconds: Int) { self.init(milliseconds: Int64(milliseconds)) }
}
