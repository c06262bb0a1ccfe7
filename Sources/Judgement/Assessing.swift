public import Rollouts

extension Trial {
    /// Every number behind the verdict. May cost a tenth of a millisecond.
    public func assessment(at instant: Timestamp) -> Assessment {
        let verdict = gate(at: instant)
        let missing = missingRequests
        let rollout = rollout
        let rate = window.canaryRate(at: instant)
        var seconds: Int?
        if let missing, rate > 0 { seconds = Int((Double(missing) / rate).rounded(.up)) }
        return Assessment(
            verdict: verdict, obstacles: verdict == .inconclusive ? obstacles() : [],
            alpha: alpha, checks: checks.map { assessment(of: $0, rollout: rollout) },
            step: StepAssessment(
                number: stepNumber, share: stepShare, began: stepBegan, tally: step,
                canaryRate: rate),
            rollout: rollout, missingRequests: missing,
            missingSeconds: missing == 0 ? 0 : seconds, harmExcludedAbove: harmExcludedAbove,
            needsApproval: needsApproval, lastBlock: lastBlock)
    }

    private var alpha: Double {
        (0..<min(lostRestarts, 1000)).reduce(policy.alpha) { alpha, _ in alpha / 2 }
    }

    private func assessment(
        of judged: JudgedCheck, rollout: Tally
    ) -> CheckAssessment {
        let obstacle = judged.alarm == nil ? obstacle(of: judged) : nil
        let status: Verdict =
            judged.alarm != nil ? .unhealthy : obstacle == nil ? .healthy : .inconclusive
        let figures = figures(of: judged, rollout: rollout)
        var distances: ScoreDistances?
        if case .scoreDrift = judged.evidence, let stable = step.stable.scores,
            let canary = step.canary.scores
        {
            distances = ScoreDistances(
                stable: stable, canary: canary, alpha: judged.alpha.whole)
        }
        var pairs: PairedMeasurements?
        if case .measurement(let measured) = judged.evidence { pairs = measured }
        return CheckAssessment(
            label: judged.label, metric: judged.metric, status: status, reason: obstacle,
            alpha: judged.metric == .prometheus ? nil : judged.alpha.whole,
            comparison: comparison(of: judged), limit: limitAssessment(of: judged),
            stable: figures.stable, canary: figures.canary,
            stableOverall: figures.stableOverall, canaryOverall: figures.canaryOverall,
            distances: distances, waiting: pairs?.waiting.count, displaced: pairs?.displaced,
            alarm: judged.alarm)
    }

    private func comparison(of judged: JudgedCheck) -> CheckAssessment.Comparison? {
        guard let lnEvidence = judged.evidence.lnEvidence else { return nil }
        let figures = comparedFigures(of: judged)
        return CheckAssessment.Comparison(
            name: figures.limit, allowed: figures.allowed,
            evidence: Self.evidence(lnEvidence),
            evidenceNeeded: Self.evidence(judged.acknowledged ?? 0) / judged.alpha.comparison,
            alpha: judged.alpha.comparison, period: judged.evidence.period)
    }

    private func limitAssessment(of judged: JudgedCheck) -> CheckAssessment.Limit? {
        if case .prometheus(let failures) = judged.evidence {
            let limit = Double(failures.query.failureLimit)
            return CheckAssessment.Limit(
                name: "failure_limit", allowed: limit, bound: Double(failures.failures),
                boundMayBe: limit, alpha: nil)
        }
        guard let limit = limit(of: judged) else { return nil }
        let alpha = judged.alpha.interval(inStep: stepNumber)
        return CheckAssessment.Limit(
            name: limit.name, allowed: limit.allowed,
            bound: BetaBinomial.bounds(limit.count, of: limit.total, alpha: alpha).low,
            boundMayBe: limit.allowedShare, alpha: alpha)
    }

    private struct Figures {
        var stable: CheckAssessment.Figure?
        var canary: CheckAssessment.Figure?
        var stableOverall: CheckAssessment.Figure?
        var canaryOverall: CheckAssessment.Figure?
    }

    private func figures(of judged: JudgedCheck, rollout: Tally) -> Figures {
        let alpha = judged.alpha.interval(inStep: stepNumber)
        switch judged.check {
        case .errorRate:
            return Figures(
                stable: step.stable.failureFigure(alpha: alpha),
                canary: step.canary.failureFigure(alpha: alpha),
                stableOverall: rollout.stable.failureFigure(alpha: nil),
                canaryOverall: rollout.canary.failureFigure(alpha: nil))
        case .latency(let check):
            let quantile = check.quantile
            return Figures(
                stable: step.stable.latencyFigure(quantile, alpha: alpha),
                canary: step.canary.latencyFigure(quantile, alpha: alpha),
                stableOverall: rollout.stable.latencyFigure(quantile, alpha: nil),
                canaryOverall: rollout.canary.latencyFigure(quantile, alpha: nil))
        case .measurement, .prometheus, nil:
            let compared = comparedFigures(of: judged)
            return Figures(
                stable: compared.stable.map { figure($0, count: compared.stableCount) },
                canary: compared.canary.map { figure($0, count: compared.canaryCount) })
        case .scoreDrift: return Figures()
        }
    }

    private func figure(_ value: Double, count: Int) -> CheckAssessment.Figure {
        CheckAssessment.Figure(value: value, low: nil, high: nil, count: count)
    }
}

extension VersionTally {
    /// - Parameter alpha: nil: without an interval.
    fileprivate func failureFigure(alpha: Double?) -> CheckAssessment.Figure? {
        guard let rate = failureRate else { return nil }
        let bounds = alpha.map { BetaBinomial.bounds(failures, of: attempts, alpha: $0) }
        return CheckAssessment.Figure(
            value: rate, low: bounds?.low, high: bounds?.high, count: attempts)
    }

    fileprivate func latencyFigure(
        _ quantile: Double, alpha: Double?
    ) -> CheckAssessment.Figure? {
        guard let value = latency.quantile(quantile) else { return nil }
        let bounds = alpha.flatMap { QuantileBand.bounds(of: quantile, in: latency, alpha: $0) }
        let high = bounds.flatMap { $0.high.isFinite ? $0.high : nil }
        return CheckAssessment.Figure(
            value: Double(value), low: bounds?.low, high: high, count: latency.count)
    }
}
