import Rollouts

/// One check of a trial with its evidence and its alarm.
struct JudgedCheck: Sendable {
    /// nil: the watch over the share.
    let check: Check?
    let alpha: AlphaShare
    var evidence: Evidence
    /// Set once, when the check first says unhealthy; stays until a person resumes.
    var alarm: Alarm?
    /// ln E (or failures of a query) at which a person resumed; the evidence has to grow by
    /// 1/alpha beyond it before the next alarm. E/E_then is an e-process too, given the past.
    var acknowledged: Double?
    /// A limit that a person has accepted as exceeded in this step.
    var limitAcknowledged = false
    /// A person resumed over an alarm in this step: until the next it cannot be healthy.
    var acknowledgedInStep = false

    init(check: Check?, alpha: AlphaShare) {
        self.check = check
        self.alpha = alpha
        evidence = Evidence(for: check)
    }

    var label: String { check?.label ?? Check.Metric.share.rawValue }
    var metric: Check.Metric { check?.metric ?? .share }
    var key: String { check?.key ?? Check.shareKey }

    /// Counts a block.
    ///
    /// - Parameter stable: What was counted of stable before it.
    mutating func count(_ block: TrafficBlock, stable: Past, at instant: Timestamp) {
        // Evidence is taken out while it changes: otherwise its storage would be copied.
        switch evidence {
        case .errorRate(var process):
            evidence = .errorRate(nil)
            process?.count(block.failures, at: instant)
            evidence = .errorRate(process)
        case .latency(var slow, var above):
            evidence = .latency(nil, above: 0)
            slow?.count(block, stable: stable, at: instant)
            if case .latency(let check) = check, let limit = check.maxMilliseconds {
                for value in block.canary.latencies where Double(value) > limit { above += 1 }
            }
            evidence = .latency(slow, above: above)
        case .scoreDrift(var drift):
            evidence = .errorRate(nil)
            drift.count(block, past: stable, at: instant)
            evidence = .scoreDrift(drift)
        case .share(var shortfall):
            evidence = .errorRate(nil)
            shortfall.count(block, at: instant)
            evidence = .share(shortfall)
        case .measurement, .prometheus: break
        }
    }

    /// Begins the counts of a new step; evidence runs on.
    mutating func beginStep() {
        limitAcknowledged = false
        acknowledgedInStep = false
        if case .latency(let slow, _) = evidence { evidence = .latency(slow, above: 0) }
    }

    /// Accepts what is known so far, so that only what comes on top is an alarm.
    mutating func acknowledge() {
        guard let alarm else { return }
        self.alarm = nil
        acknowledgedInStep = true
        if case .prometheus(let failures) = evidence {
            acknowledged = Double(failures.failures)
        } else if alarm.evidence != nil {
            acknowledged = max(0, evidence.lnEvidence ?? 0)
        } else {
            limitAcknowledged = true
        }
    }

    /// The evidence's numbers, then what was acknowledged in this step as one number.
    var savedNumbers: [Double] {
        evidence.savedNumbers
            + [(limitAcknowledged ? 1 : 0) + (acknowledgedInStep ? 2 : 0)]
    }

    /// Puts saved numbers in place; where they do not fit nothing changes.
    mutating func restore(_ part: SavedEvidence.Part) {
        guard let flags = part.numbers.last, (0...3).contains(flags),
            evidence.restore(Array(part.numbers.dropLast()))
        else { return }
        alarm = part.alarm
        acknowledged = part.acknowledged
        limitAcknowledged = flags == 1 || flags == 3
        acknowledgedInStep = flags >= 2
    }

    /// Whether the comparison has reached what it needs.
    var isComparisonExceeded: Bool {
        let needed = (acknowledged ?? 0) - ln(alpha.comparison)
        // E is a mean plus at most 1/2, so it is below where its largest part is far below.
        guard let largest = evidence.lnLargest, largest >= needed - 1,
            let lnEvidence = evidence.lnEvidence
        else { return false }
        return lnEvidence >= needed
    }
}

extension TrafficBlock {
    /// Failures of attempts.
    var failures: PairedCounts {
        PairedCounts(
            canaryFailures: min(canary.failures, canary.attempts), canaryTotal: canary.attempts,
            stableFailures: min(stable.failures, stable.attempts), stableTotal: stable.attempts)
    }
}
