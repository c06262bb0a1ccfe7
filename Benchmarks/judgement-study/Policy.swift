import Rollouts

/// Policies of the study.
enum Policy {
    static func errorRate(_ increase: Double) -> Check {
        .errorRate(.init(maxIncrease: increase, max: nil))
    }

    static func latency(_ quantile: Double) -> Check {
        .latency(.init(quantile: quantile, maxRatio: 1.25, maxMilliseconds: nil))
    }

    static let scoreDrift = Check.scoreDrift(.init(maxDistance: 0.1))

    static func standard(alpha: Double = 0.01, checks: [Check]) -> AnalysisPolicy {
        AnalysisPolicy(
            isEnabled: true, alpha: alpha, after: span(0), onUnhealthy: .abort, noData: .hold,
            noDataAfter: span(300), requirement: .noAlarm, minRequests: 300, score: nil,
            checks: checks)
    }

    private static func span(_ seconds: Int) -> TimeSpan {
        guard let span = TimeSpan(seconds: seconds) else { preconditionFailure("in range") }
        return span
    }
}
