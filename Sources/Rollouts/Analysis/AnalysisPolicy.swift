/// How a rollout's traffic is judged, and what follows from a verdict.
public struct AnalysisPolicy: Hashable, Sendable {
    /// What follows from a verdict of unhealthy.
    public enum Reaction: String, CaseIterable, Sendable { case abort, pause, report }

    /// What follows when no record of the traffic arrives.
    public enum Silence: String, CaseIterable, Sendable { case hold, pause, abort }

    /// What a verdict of healthy needs besides the absence of an unhealthy check.
    public enum Requirement: String, CaseIterable, Sendable {
        case noAlarm = "no_alarm"
        /// The interval of the canary's failures lies within `max_increase` of stable's.
        case noHarm = "no_harm"
    }

    public var isEnabled: Bool
    /// The most probable a false alarm may be in the whole rollout: above 0, at most 0.5.
    public var alpha: Double
    /// How long after a share was confirmed records are left out of the judgement.
    public var after: TimeSpan
    public var onUnhealthy: Reaction
    public var noData: Silence
    /// How long no record may arrive before `noData` applies.
    public var noDataAfter: TimeSpan
    public var requirement: Requirement
    /// Attempts on the canary in this step before it can be healthy: 1...1,000,000,000.
    public var minRequests: Int
    public var score: ScoreSource?
    /// 1...20, none twice.
    public var checks: [Check]

    /// The most checks a policy may have.
    public static let checkLimit = 20

    public init(
        isEnabled: Bool, alpha: Double, after: TimeSpan, onUnhealthy: Reaction, noData: Silence,
        noDataAfter: TimeSpan, requirement: Requirement, minRequests: Int, score: ScoreSource?,
        checks: [Check]
    ) {
        self.isEnabled = isEnabled
        self.alpha = alpha
        self.after = after
        self.onUnhealthy = onUnhealthy
        self.noData = noData
        self.noDataAfter = noDataAfter
        self.requirement = requirement
        self.minRequests = minRequests
        self.score = score
        self.checks = checks
    }

    /// What applies where nothing else was said: failures up to a hundredth above stable's, and a
    /// 95th percentile up to a quarter above it.
    public static let standard = AnalysisPolicy(
        isEnabled: true, alpha: 0.01, after: .zero, onUnhealthy: .abort, noData: .hold,
        noDataAfter: .fiveMinutes, requirement: .noAlarm, minRequests: 300, score: nil,
        checks: [
            .errorRate(Check.ErrorRate(maxIncrease: 0.01, max: nil)),
            .latency(Check.Latency(quantile: 0.95, maxRatio: 1.25, maxMilliseconds: nil)),
        ])

    /// Nothing is judged.
    public static let off: AnalysisPolicy = {
        var policy = standard
        policy.isEnabled = false
        return policy
    }()

    /// Attempts needed where nothing was said: three times as many as show one failure at the
    /// smallest increase that is not allowed, at least 100; 300 where any increase is too much.
    public static func defaultMinRequests(for checks: [Check]) -> Int {
        let increase = checks.compactMap { check -> Double? in
            if case .errorRate(let limits) = check { limits.maxIncrease } else { nil }
        }.first
        guard let increase, increase > 0 else { return 300 }
        return Int(min(1_000_000_000, max(100, (3 / increase).rounded(.up))))
    }
}

/// Where Kong finds a model's score in an answer.
public enum ScoreSource: Hashable, Sendable {
    /// A response header, lower case.
    case header(String)
    /// A member with a number somewhere in the JSON body.
    case jsonField(String)
}
