import Judgement
import Rollouts

/// Counts of one batch of both versions.
struct ErrorBlock {
    var second: Double
    var canary: (failures: Int, attempts: Int)
    var stable: (failures: Int, attempts: Int)
}

/// A way to tell a bad canary by its errors.
protocol ErrorRule {
    /// Counts a batch; true when the canary is called bad after it.
    mutating func count(_ block: ErrorBlock) -> Bool
}

/// The service's: an e-process.
struct EvidenceRule: ErrorRule {
    var process: EProcess
    let needed: Double

    init(margin: Double, alpha: Double) {
        process = EProcess(margin: margin)
        needed = -logarithm(alpha)
    }

    mutating func count(_ block: ErrorBlock) -> Bool {
        process.count(
            PairedCounts(
                canaryFailures: block.canary.failures, canaryTotal: block.canary.attempts,
                stableFailures: block.stable.failures, stableTotal: block.stable.attempts),
            at: Timestamp(milliseconds: Int64(block.second * 1000)))
        return process.reaches(needed)
    }
}

/// Always-valid intervals of both, of everything so far: apart by more than the margin.
struct IntervalRule: ErrorRule {
    let margin: Double
    let alpha: Double
    var total = Totals()

    mutating func count(_ block: ErrorBlock) -> Bool {
        total.add(block)
        guard total.difference > margin else { return false }
        let canary = BetaBinomial.bounds(
            total.canary.failures, of: total.canary.attempts, alpha: alpha / 2)
        let stable = BetaBinomial.bounds(
            total.stable.failures, of: total.stable.attempts, alpha: alpha / 2)
        return canary.low - stable.high > margin
    }
}

/// Once a minute: the canary's last minute above a threshold, as others are set up by default.
struct ThresholdRule: ErrorRule {
    let threshold: Double
    var minute = (failures: 0, attempts: 0)
    var next = 60.0

    mutating func count(_ block: ErrorBlock) -> Bool {
        if block.second >= next {
            next += 60
            defer { minute = (0, 0) }
            if minute.attempts > 0,
                Double(minute.failures) > threshold * Double(minute.attempts)
            {
                return true
            }
        }
        minute.failures += block.canary.failures
        minute.attempts += block.canary.attempts
        return false
    }
}

/// Mann and Whitney's test with ties on everything so far, one-sided, at every look.
struct RankRule: ErrorRule {
    let alpha: Double
    var total = Totals()

    mutating func count(_ block: ErrorBlock) -> Bool {
        total.add(block)
        let (m, n) = (Double(total.canary.attempts), Double(total.stable.attempts))
        let failed = Double(total.canary.failures + total.stable.failures)
        guard m > 0, n > 0, failed > 0, failed < m + n else { return false }
        let all = m + n
        // Of two values, U is decided by the failures; the variance is corrected for ties.
        let shift = m * n / 2 * total.difference
        let passed = all - failed
        let ties = (passed * passed * passed - passed + failed * failed * failed - failed)
        let variance = m * n / 12 * (all + 1 - ties / (all * (all - 1)))
        return normalTail(shift / variance.squareRoot()) < alpha
    }
}

/// Wald's test (1945) of the canary's own failures between two rates that it is told.
struct KnownRatesRule: ErrorRule {
    let stable: Double
    let canary: Double
    let alpha: Double
    var lnRatio = 0.0

    mutating func count(_ block: ErrorBlock) -> Bool {
        let failures = Double(block.canary.failures)
        let successes = Double(block.canary.attempts) - failures
        lnRatio +=
            failures * logarithm(canary / stable)
            + successes * logarithm((1 - canary) / (1 - stable))
        return lnRatio >= -logarithm(alpha)
    }
}

struct Totals {
    var canary = (failures: 0, attempts: 0)
    var stable = (failures: 0, attempts: 0)

    mutating func add(_ block: ErrorBlock) {
        canary.failures += block.canary.failures
        canary.attempts += block.canary.attempts
        stable.failures += block.stable.failures
        stable.attempts += block.stable.attempts
    }

    /// The canary's rate less stable's; 0 without both.
    var difference: Double {
        guard canary.attempts > 0, stable.attempts > 0 else { return 0 }
        return Double(canary.failures) / Double(canary.attempts)
            - Double(stable.failures) / Double(stable.attempts)
    }
}
