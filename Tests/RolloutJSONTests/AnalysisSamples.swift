import Rollouts
import TestSupport

/// Any policy that the interface could have taken, and any alarm that it could lead to.
extension Seed {
    mutating func real(_ range: ClosedRange<Double>) -> Double {
        Double.random(in: range, using: &self)
    }

    mutating func policy() -> AnalysisPolicy {
        let score = perhaps { seed -> ScoreSource in
            seed.flag() ? .header("x-model-score") : .jsonField("score_\(seed.whole(0...9))")
        }
        let checks = checks(hasScore: score != nil)
        let isIncreaseLimited = checks.contains { check in
            if case .errorRate(let limits) = check { limits.maxIncrease != nil } else { false }
        }
        return AnalysisPolicy(
            isEnabled: flag(), alpha: real(0.0001...0.5),
            after: TimeSpan(seconds: whole(0...9_000))!,
            onUnhealthy: AnalysisPolicy.Reaction.allCases.randomElement(using: &self)!,
            noData: AnalysisPolicy.Silence.allCases.randomElement(using: &self)!,
            noDataAfter: TimeSpan(seconds: whole(1...9_000))!,
            requirement: isIncreaseLimited && flag() ? .noHarm : .noAlarm,
            minRequests: whole(1...1_000_000_000), score: score, checks: checks)
    }

    private mutating func checks(hasScore: Bool) -> [Check] {
        var checks: [Check] = []
        if flag() {
            let most = perhaps { $0.real(0...1) }
            let increase = most == nil || flag() ? real(0...1) : nil
            checks.append(.errorRate(Check.ErrorRate(maxIncrease: increase, max: most)))
        }
        for place in 0..<whole(0...3) {
            let most = perhaps { $0.real(0.001...3_600_000) }
            checks.append(
                .latency(
                    Check.Latency(
                        quantile: 0.9 + Double(place) / 50,
                        maxRatio: most == nil || flag() ? real(1...1000) : nil,
                        maxMilliseconds: most)))
        }
        if hasScore, flag() {
            checks.append(.scoreDrift(Check.ScoreDrift(maxDistance: real(0...1))))
        }
        for place in 0..<whole(0...3) { checks.append(.measurement(measured(place))) }
        // A policy has a check at least.
        for place in 0..<whole(checks.isEmpty ? 1...3 : 0...3) {
            checks.append(.prometheus(query(place)))
        }
        return checks
    }

    private mutating func measured(_ place: Int) -> Check.Measured {
        let low = real(-1000...1000)
        let width = real(0.001...1000)
        return Check.Measured(
            name: "\(place) " + text(), low: low, high: low + width,
            better: flag() ? .higher : .lower, maxHarm: flag() ? 0 : width / 2)
    }

    private mutating func query(_ place: Int) -> Check.Query {
        let most = perhaps { $0.real(0...1e9) }
        return Check.Query(
            server: perhaps { $0.text() },
            query: "sum(rate(errors{version=\"{{canary}}\"}[1m]))\n> \(place)",
            interval: TimeSpan(seconds: whole(1...9_000))!, max: most,
            min: most == nil || flag() ? real(-1e9...0) : nil, failureLimit: whole(0...100))
    }

    mutating func alarm() -> Alarm {
        Alarm(
            check: text(), metric: Check.Metric.allCases.randomElement(using: &self)!,
            limit: text(), threshold: real(0...10_000), canary: perhaps { $0.real(0...1) },
            stable: perhaps { $0.real(0...1) }, canaryCount: whole(0...1_000_000),
            stableCount: whole(0...1_000_000), evidence: perhaps { $0.real(0...1e300) },
            evidenceNeeded: perhaps { $0.real(0...1000) }, from: moment(), to: moment())
    }
}
