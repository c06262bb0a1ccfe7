import Judgement
import Rollouts

/// A way to tell a bad canary by its latencies or scores.
protocol ValueRule {
    /// Counts a batch, one every 0.2 s; true when the canary is called bad after it.
    mutating func count(stable: [Double], canary: [Double], look: Int) -> Bool
}

/// The service's: a trial with one check, whose part of alpha is ``checkAlpha``.
struct TrialRule: ValueRule {
    private var trial: Trial
    private let isLatency: Bool

    init(_ check: Check) {
        // The watch over the share has as large a part.
        trial = Trial(policy: Policy.standard(alpha: 2 * checkAlpha, checks: [check]))
        isLatency = check.metric == .latency
    }

    mutating func count(stable: [Double], canary: [Double], look: Int) -> Bool {
        let block = TrafficBlock(stable: sample(stable), canary: sample(canary))
        trial.count(block, at: Timestamp(milliseconds: Int64(look) * 200))
        return trial.alarm != nil
    }

    private func sample(_ values: [Double]) -> VersionSample {
        isLatency
            ? VersionSample(latencies: values.map { Int32($0) }) : VersionSample(scores: values)
    }
}

/// Always-valid intervals of the two quantiles, apart by more than the ratio and 1 ms.
struct QuantileIntervalRule: ValueRule {
    let quantile: Double
    let ratio: Double
    var histograms = (stable: LatencyHistogram(), canary: LatencyHistogram())

    mutating func count(stable: [Double], canary: [Double], look: Int) -> Bool {
        for value in stable { histograms.stable.record(milliseconds: Int32(value)) }
        for value in canary { histograms.canary.record(milliseconds: Int32(value)) }
        let alpha = checkAlpha / 2
        guard !canary.isEmpty,
            let one = QuantileBand.bounds(of: quantile, in: histograms.canary, alpha: alpha),
            let other = QuantileBand.bounds(of: quantile, in: histograms.stable, alpha: alpha)
        else { return false }
        return one.low > ratio * other.high + 1
    }
}

/// Always-valid bands around both distribution functions, apart by more than the limit.
struct DistanceIntervalRule: ValueRule {
    let limit: Double
    var grids = (stable: Grid(.scores), canary: Grid(.scores))

    mutating func count(stable: [Double], canary: [Double], look: Int) -> Bool {
        grids.stable.add(stable)
        grids.canary.add(canary)
        let width =
            QuantileBand.halfWidth(count: grids.canary.total, alpha: checkAlpha / 2)
            + QuantileBand.halfWidth(count: grids.stable.total, alpha: checkAlpha / 2)
        return width < 1 - limit && grids.canary.distance(from: grids.stable) - width > limit
    }
}

/// Once a minute: a figure of the canary's last minute above a threshold.
struct MinuteRule: ValueRule {
    let scale: Grid.Scale
    /// Given the canary's last minute and all of stable's values.
    let isBad: (Grid, Grid) -> Bool
    var stableGrid: Grid
    var minute: Grid

    init(_ scale: Grid.Scale, isBad: @escaping (Grid, Grid) -> Bool) {
        self.scale = scale
        self.isBad = isBad
        stableGrid = Grid(scale)
        minute = Grid(scale)
    }

    mutating func count(stable: [Double], canary: [Double], look: Int) -> Bool {
        stableGrid.add(stable)
        minute.add(canary)
        guard (look + 1) % Int(60 * World.blocksPerSecond) == 0 else { return false }
        defer { minute = Grid(scale) }
        return minute.total > 0 && isBad(minute, stableGrid)
    }
}

/// Mann and Whitney's test on everything so far, at every look.
struct RankValuesRule: ValueRule {
    let isTwoSided: Bool
    var stableGrid: Grid
    var canaryGrid: Grid

    init(_ scale: Grid.Scale, isTwoSided: Bool) {
        self.isTwoSided = isTwoSided
        stableGrid = Grid(scale)
        canaryGrid = Grid(scale)
    }

    mutating func count(stable: [Double], canary: [Double], look: Int) -> Bool {
        stableGrid.add(stable)
        canaryGrid.add(canary)
        let score = canaryGrid.rankScore(against: stableGrid)
        let tail = isTwoSided ? 2 * normalTail(abs(score)) : normalTail(score)
        return tail < checkAlpha
    }
}

/// Wald's test of the part above a cut, between the most allowed and the true one.
struct KnownShareRule: ValueRule {
    let cut: Double
    let allowed: Double
    let truth: Double
    var lnRatio = 0.0

    init(cut: Double, allowed: Double, truth: Double) {
        self.cut = cut
        self.allowed = allowed
        self.truth = truth
    }

    mutating func count(stable: [Double], canary: [Double], look: Int) -> Bool {
        for value in canary {
            lnRatio +=
                value > cut
                ? logarithm(truth / allowed) : logarithm((1 - truth) / (1 - allowed))
        }
        return lnRatio >= -logarithm(checkAlpha)
    }
}
