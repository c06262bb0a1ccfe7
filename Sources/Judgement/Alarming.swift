import Rollouts

extension Trial {
    /// Writes down why, when a check has become unhealthy; one that is already stays as it was.
    mutating func raiseAlarm(ofCheck index: Int, at instant: Timestamp) {
        // A check is large: it is copied only where something may be wrong.
        guard checks[index].alarm == nil, mayExceed(checks[index]) else { return }
        let judged = checks[index]
        if judged.isComparisonExceeded {
            checks[index].alarm = comparisonAlarm(of: judged, at: instant)
        } else if !judged.limitAcknowledged, isLimitExceeded(by: judged) {
            checks[index].alarm = limitAlarm(of: judged, at: instant)
        } else if case .prometheus(let failures) = judged.evidence, failures.isExceeded,
            Double(failures.failures) > judged.acknowledged ?? 0
        {
            checks[index].alarm = queryAlarm(of: judged, failures: failures, at: instant)
        }
    }

    private func mayExceed(_ judged: borrowing JudgedCheck) -> Bool {
        if judged.isComparisonExceeded { return true }
        if case .prometheus = judged.evidence { return true }
        return limit(of: judged) != nil
    }

    /// Whether the lower bound of the displayed interval lies above the limit.
    private func isLimitExceeded(by judged: JudgedCheck) -> Bool {
        guard let limit = limit(of: judged) else { return false }
        return BetaBinomial.isBelow(
            limit.allowedShare, limit.count, of: limit.total,
            alpha: judged.alpha.interval(inStep: stepNumber))
    }

    /// A check's limit as a rate of this step's canary that must not be exceeded.
    func limit(of judged: JudgedCheck) -> StepLimit? {
        switch (judged.check, judged.evidence) {
        case (.errorRate(let check), _):
            check.max.map {
                StepLimit(
                    name: "max", allowed: $0, allowedShare: $0, count: step.canary.failures,
                    total: step.canary.attempts)
            }
        case (.latency(let check), .latency(_, let above)):
            check.maxMilliseconds.map {
                StepLimit(
                    name: "max_ms", allowed: $0, allowedShare: 1 - check.quantile, count: above,
                    total: step.canary.latency.count)
            }
        case (.latency, _), (.scoreDrift, _), (.measurement, _), (.prometheus, _), (nil, _): nil
        }
    }

    private func comparisonAlarm(of judged: JudgedCheck, at instant: Timestamp) -> Alarm {
        let period = judged.evidence.period
        let figures = comparedFigures(of: judged)
        return Alarm(
            check: judged.label, metric: judged.metric, limit: figures.limit,
            threshold: figures.allowed, canary: figures.canary, stable: figures.stable,
            canaryCount: figures.canaryCount, stableCount: figures.stableCount,
            evidence: judged.evidence.lnEvidence.map(Self.evidence),
            evidenceNeeded: Self.evidence(judged.acknowledged ?? 0) / judged.alpha.comparison,
            from: period?.from ?? instant, to: instant)
    }

    private func limitAlarm(of judged: JudgedCheck, at instant: Timestamp) -> Alarm {
        let limit = limit(of: judged)
        let canary: Double? =
            if case .latency(let check) = judged.check {
                step.canary.latency.quantile(check.quantile).map(Double.init)
            } else {
                step.canary.failureRate
            }
        return Alarm(
            check: judged.label, metric: judged.metric, limit: limit?.name ?? "",
            threshold: limit?.allowed ?? 0, canary: canary, stable: nil,
            canaryCount: limit?.total ?? 0, stableCount: 0, evidence: nil, evidenceNeeded: nil,
            from: stepBegan ?? instant, to: instant)
    }

    private func queryAlarm(
        of judged: JudgedCheck, failures: QueryFailures, at instant: Timestamp
    ) -> Alarm {
        Alarm(
            check: judged.label, metric: judged.metric, limit: "failure_limit",
            threshold: Double(failures.query.failureLimit), canary: failures.last, stable: nil,
            canaryCount: failures.answers, stableCount: 0, evidence: nil, evidenceNeeded: nil,
            from: failures.firstFailure ?? instant, to: instant)
    }

    /// E from its logarithm, at most e^700: a number that JSON can carry.
    static func evidence(_ lnEvidence: Double) -> Double { power(ofE: min(700, lnEvidence)) }
}

/// A limit as a rate: the part of `total` that exceeds `allowed` may be at most `allowedShare`.
struct StepLimit: Hashable, Sendable {
    let name: String
    /// In the metric's own unit.
    let allowed: Double
    let allowedShare: Double
    let count: Int
    let total: Int
}

/// What a comparison compared, in the metric's own unit.
struct ComparedFigures: Hashable, Sendable {
    let limit: String
    let allowed: Double
    var canary: Double?
    var stable: Double?
    var canaryCount = 0
    var stableCount = 0
}

extension Trial {
    /// The figures of the period that carries the evidence. Latencies are the quantiles of this
    /// step, beside the counts of the period: which answers were slow is known of the period,
    /// their quantile is not. A drift is the difference at the cut that moved most.
    func comparedFigures(of judged: JudgedCheck) -> ComparedFigures {
        let counts = judged.evidence.period?.counts ?? PairedCounts()
        switch judged.evidence {
        case .errorRate(let process):
            return ComparedFigures(
                limit: "max_increase", allowed: process?.margin ?? 0, canary: counts.canaryRate,
                stable: counts.stableRate, canaryCount: counts.canaryTotal,
                stableCount: counts.stableTotal)
        case .latency(let slow, _):
            let quantile = slow?.quantile ?? 0.5
            return ComparedFigures(
                limit: "max_ratio", allowed: slow?.ratio ?? 1,
                canary: step.canary.latency.quantile(quantile).map(Double.init),
                stable: step.stable.latency.quantile(quantile).map(Double.init),
                canaryCount: counts.canaryTotal, stableCount: counts.stableTotal)
        case .scoreDrift(let drift):
            let difference = counts.canaryRate.flatMap { canary in
                counts.stableRate.map { canary - $0 }
            }
            return ComparedFigures(
                limit: "max_distance", allowed: drift.distance, canary: difference, stable: nil,
                canaryCount: counts.canaryTotal, stableCount: counts.stableTotal)
        case .measurement(let pairs):
            let count = Double(pairs.pairs)
            return ComparedFigures(
                limit: "max_harm", allowed: pairs.metric.maxHarm,
                canary: pairs.pairs > 0 ? pairs.canarySum / count : nil,
                stable: pairs.pairs > 0 ? pairs.stableSum / count : nil,
                canaryCount: pairs.pairs, stableCount: pairs.pairs)
        case .prometheus(let failures):
            return ComparedFigures(
                limit: "failure_limit", allowed: Double(failures.query.failureLimit),
                canary: failures.last, canaryCount: failures.answers)
        case .share(let shortfall):
            let told = shortfall.share.map { Double($0.basisPoints) / 10_000 } ?? 0
            return ComparedFigures(
                limit: "half_of_told", allowed: told / 2, canary: counts.canaryRate,
                canaryCount: counts.canaryFailures,
                stableCount: counts.canaryTotal - counts.canaryFailures)
        }
    }
}

extension PairedCounts {
    var canaryRate: Double? {
        canaryTotal > 0 ? Double(canaryFailures) / Double(canaryTotal) : nil
    }

    var stableRate: Double? {
        stableTotal > 0 ? Double(stableFailures) / Double(stableTotal) : nil
    }
}

extension VersionTally {
    /// Failures over attempts, 0...1; nil without attempts.
    public var failureRate: Double? {
        attempts > 0 ? Double(failures) / Double(attempts) : nil
    }
}
