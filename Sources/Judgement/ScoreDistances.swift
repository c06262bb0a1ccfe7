/// How far the canary's scores lie from stable's, for people to look at.
public struct ScoreDistances: Hashable, Sendable {
    /// Kolmogorov-Smirnov: the largest difference of the distribution functions, 0...1.
    public let kolmogorovSmirnov: Double
    /// Half-widths of both bands together (``QuantileBand``): KS is known to ± this.
    public let uncertainty: Double
    /// Population stability index over ten bins between stable's deciles, in nats; nil below
    /// 500 scores of either version, where chance alone makes it large.
    public let stabilityIndex: Double?
    /// Jensen-Shannon divergence over the same bins, in bits, 0...1.
    public let jensenShannon: Double

    /// Scores of each version from which the stability index says something.
    public static let stabilityIndexNeeds = 500

    /// Returns nil while either version has no score.
    init?(stable: ScoreHistogram, canary: ScoreHistogram, alpha: Double) {
        guard stable.count > 0, canary.count > 0 else { return nil }
        kolmogorovSmirnov = Self.kolmogorovSmirnov(stable, canary)
        uncertainty =
            QuantileBand.halfWidth(count: stable.count, alpha: alpha / 2)
            + QuantileBand.halfWidth(count: canary.count, alpha: alpha / 2)
        let cuts = stable.cuts(at: ScoreDrift.deciles)
        let old = Self.bins(of: stable, at: cuts)
        let new = Self.bins(of: canary, at: cuts)
        let isEnough = min(stable.count, canary.count) >= Self.stabilityIndexNeeds
        stabilityIndex = isEnough ? Self.stabilityIndex(old, new) : nil
        jensenShannon = Self.jensenShannon(old, new)
    }

    private static func kolmogorovSmirnov(_ one: ScoreHistogram, _ other: ScoreHistogram) -> Double {
        let (left, right) = (one.distribution(), other.distribution())
        var (i, j) = (0, 0)
        var largest = 0.0
        while i < left.count, j < right.count {
            let (a, b) = (left[i].position, right[j].position)
            if a <= b { i += 1 }
            if b <= a { j += 1 }
            let leftShare = i > 0 ? left[i - 1].share : 0
            let rightShare = j > 0 ? right[j - 1].share : 0
            largest = max(largest, abs(leftShare - rightShare))
        }
        return largest
    }

    /// Shares of ten bins; half a score is added to each, so that none is 0.
    private static func bins(of histogram: ScoreHistogram, at cuts: [Double]) -> [Double] {
        let below = histogram.counts(below: cuts) + [histogram.count]
        let total = Double(histogram.count) + 0.5 * Double(below.count)
        return below.indices.map { index in
            let count = below[index] - (index > 0 ? below[index - 1] : 0)
            return (Double(count) + 0.5) / total
        }
    }

    /// Σ (new − old) · ln(new/old): Siddiqi, "Credit Risk Scorecards" (2006).
    private static func stabilityIndex(_ old: [Double], _ new: [Double]) -> Double {
        zip(old, new).reduce(0) { $0 + ($1.1 - $1.0) * ln($1.1 / $1.0) }
    }

    /// Lin, "Divergence measures based on the Shannon entropy" (1991).
    private static func jensenShannon(_ old: [Double], _ new: [Double]) -> Double {
        let nats = zip(old, new).reduce(0) { sum, pair in
            let middle = (pair.0 + pair.1) / 2
            return sum + (pair.0 * ln(pair.0 / middle) + pair.1 * ln(pair.1 / middle)) / 2
        }
        return max(0, nats / ln(2))
    }
}
