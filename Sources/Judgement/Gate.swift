public import Rollouts

extension Trial {
    /// The verdict alone.
    ///
    /// Unhealthy while any alarm stands. Healthy when nothing is in the way: enough attempts in
    /// this step, every check measured, and harm excluded where that is required. At 100 % only
    /// limits are judged, and at least one has to be.
    public func gate(at instant: Timestamp) -> Verdict {
        if checks.contains(where: { $0.alarm != nil }) { return .unhealthy }
        return obstacles().isEmpty ? .healthy : .inconclusive
    }

    /// What keeps the rollout from healthy, each once.
    func obstacles() -> [Obstacle] {
        var obstacles: [Obstacle] = []
        func note(_ obstacle: Obstacle) {
            if !obstacles.contains(obstacle) { obstacles.append(obstacle) }
        }
        if step.canary.attempts == 0 { note(.nothingMeasured) }
        if step.canary.attempts < policy.minRequests { note(.tooFewRequests) }
        let lacksStable = lacksStableTraffic
        for judged in checks {
            guard let obstacle = obstacle(of: judged) else { continue }
            // Where everything goes to the canary a comparison cannot be had: limits decide.
            if obstacle == .noStableTraffic, stepShare == .all { continue }
            note(obstacle)
        }
        if needsApproval { note(.needsApproval) }
        if !lacksStable, policy.requirement == .noHarm, !isHarmExcluded { note(.harmNotExcluded) }
        return obstacles
    }

    /// Whether this step has nothing to compare the canary with.
    var lacksStableTraffic: Bool {
        stepShare == .all || (step.canary.attempts > 0 && step.stable.attempts == 0)
    }

    /// Whether no check could say anything at 100 %.
    var needsApproval: Bool {
        stepShare == .all && !checks.contains { $0.check?.hasLimit ?? false }
    }

    /// Why one check without alarm is not healthy by itself; nil when it is.
    func obstacle(of judged: JudgedCheck) -> Obstacle? {
        if judged.acknowledgedInStep { return .acknowledged }
        switch judged.evidence {
        case .prometheus(let failures):
            return failures.answers == 0 ? .notMeasured : nil
        case .share:
            // It rests where the gateway does not deal by weight, and that is no fault.
            return nil
        case .errorRate, .latency, .scoreDrift, .measurement: break
        }
        if let limit = limit(of: judged), limit.total == 0 { return .notMeasured }
        guard judged.check?.hasComparison ?? false else { return nil }
        if lacksStableTraffic {
            return limit(of: judged) == nil ? .noStableTraffic : nil
        }
        return comparisonObstacle(of: judged)
    }

    private var stableSoFar: Past { Past(earlier: earlier.stable, step: step.stable) }

    private func comparisonObstacle(of judged: JudgedCheck) -> Obstacle? {
        switch judged.evidence {
        case .errorRate:
            return step.canary.attempts == 0 || step.stable.attempts == 0 ? .notMeasured : nil
        case .latency:
            if step.canary.latency.count == 0 { return .notMeasured }
            let isKnown = stableSoFar.answers >= SlowAnswers.answersNeeded
            return isKnown ? nil : .fewStableValues
        case .scoreDrift:
            if (step.canary.scores?.count ?? 0) == 0 { return .notMeasured }
            let isKnown = stableSoFar.scores >= ScoreDrift.scoresNeeded
            return isKnown ? nil : .fewStableValues
        case .measurement(let pairs): return pairs.pairs == 0 ? .notMeasured : nil
        case .prometheus, .share: return nil
        }
    }

    /// The first check that bounds the canary's failures by stable's, with the bound.
    private var harmCheck: (judged: JudgedCheck, margin: Double)? {
        for judged in checks {
            if case .errorRate(let check) = judged.check, let margin = check.maxIncrease {
                return (judged, margin)
            }
        }
        return nil
    }

    private var isHarmExcluded: Bool {
        guard let margin = harmCheck?.margin, let harm = harmExcludedAbove else { return false }
        return harm <= margin
    }

    /// The level of each of the two intervals that bound the harm.
    private var harmAlpha: Double {
        guard let judged = harmCheck?.judged else {
            return AlphaShare(policy: policy, check: nil, lostRestarts: lostRestarts).whole / 2
        }
        return judged.alpha.interval(inStep: stepNumber)
    }

    /// The most by which the canary can be worse: upper(canary) − lower(stable), of this step.
    var harmExcludedAbove: Double? {
        guard step.canary.attempts > 0, step.stable.attempts > 0 else { return nil }
        return harmBound(scaledBy: 1)
    }

    /// The bound that would be if both versions had `scale` times the counts of this step.
    private func harmBound(scaledBy scale: Double) -> Double {
        func bounds(_ tally: VersionTally) -> Interval {
            let attempts = (Double(tally.attempts) * scale).rounded()
            let failures = (Double(tally.failures) * scale).rounded()
            return BetaBinomial.bounds(Int(failures), of: Int(attempts), alpha: harmAlpha)
        }
        return bounds(step.canary).high - bounds(step.stable).low
    }

    /// Attempts on the canary that are missing for healthy: see ``Assessment/missingRequests``.
    var missingRequests: Int? {
        let forCount = max(0, policy.minRequests - step.canary.attempts)
        guard policy.requirement == .noHarm, !lacksStableTraffic else { return forCount }
        guard let margin = harmCheck?.margin else { return nil }
        guard let now = harmExcludedAbove else { return step.canary.attempts > 0 ? nil : forCount }
        guard now > margin else { return forCount }
        // Both bounds close in on the rates as the counts grow: find the growth that is enough.
        var (short, enough) = (1.0, 2.0)
        while harmBound(scaledBy: enough) > margin {
            (short, enough) = (enough, enough * 2)
            guard enough < 0x1p20 else { return nil }
        }
        for _ in 0..<12 {
            let middle = (short + enough) / 2
            if harmBound(scaledBy: middle) > margin { short = middle } else { enough = middle }
        }
        let attempts = Double(step.canary.attempts) * (enough - 1)
        return max(forCount, Int(attempts.rounded(.up)))
    }
}
