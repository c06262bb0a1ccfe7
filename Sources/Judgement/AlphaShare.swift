public import Rollouts

/// How the rollout's alpha is divided among the checks.
///
/// Each check that can say unhealthy with a guarantee gets an equal part, the watch over the
/// share included; Prometheus queries have no guarantee and get none. A check that both compares
/// and limits halves its part. By Bonferroni's inequality the rollout keeps alpha.
struct AlphaShare: Hashable, Sendable {
    /// The part of the whole check.
    let whole: Double
    /// The part of its comparison with stable.
    let comparison: Double
    /// The part of its limit, for all steps together.
    let limit: Double
    private let hasLimit: Bool

    /// - Parameter lostRestarts: Times that evidence was lost; each halves alpha.
    init(policy: AnalysisPolicy, check: Check?, lostRestarts: Int) {
        let guarded = policy.checks.count { $0.metric != .prometheus } + 1
        var alpha = policy.alpha
        for _ in 0..<min(lostRestarts, 1000) { alpha /= 2 }
        whole = alpha / Double(guarded)
        let hasComparison = check?.hasComparison ?? true
        hasLimit = check?.hasLimit ?? false
        let part = hasComparison && hasLimit ? whole / 2 : whole
        comparison = part
        limit = part
    }

    /// The level of each version's displayed interval in the step of `number`, counted from 1.
    ///
    /// Half of the check's part. Where a limit is judged by the interval, which begins anew with
    /// every step, the limit's part is spent over the steps as 1/2, 1/6, 1/12, …, in sum 1.
    func interval(inStep number: Int) -> Double {
        let step = Double(max(1, number))
        return hasLimit ? limit / (step * (step + 1)) : whole / 2
    }
}

extension Check {
    /// Whether it compares the canary with stable.
    var hasComparison: Bool {
        switch self {
        case .errorRate(let check): check.maxIncrease != nil
        case .latency(let check): check.maxRatio != nil
        case .scoreDrift, .measurement: true
        case .prometheus: false
        }
    }

    /// Whether it says something without stable.
    var hasLimit: Bool {
        switch self {
        case .errorRate(let check): check.max != nil
        case .latency(let check): check.maxMilliseconds != nil
        case .scoreDrift, .measurement: false
        case .prometheus: true
        }
    }

    /// The check in the words of the interface: `error_rate`, `latency p95`.
    public var label: String {
        switch self {
        case .errorRate, .scoreDrift: metric.rawValue
        case .latency(let check): "latency p\(Self.percent(check.quantile))"
        case .measurement(let check): "measurement \(check.name)"
        case .prometheus(let check): "prometheus \(check.query)"
        }
    }

    private static func percent(_ part: Double) -> String {
        let text = ((part * 1_000_000).rounded() / 10_000).description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
