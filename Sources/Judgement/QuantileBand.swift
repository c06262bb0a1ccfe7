/// Bounds of quantiles and of distribution functions that hold at every look at once.
///
/// Howard and Ramdas, "Sequential estimation of quantiles with applications to A/B testing and
/// best-arm identification" (2022).
public enum QuantileBand {
    /// Half the width of a band around an empirical distribution function of `count` values,
    /// in probability: 0.85 · √((ln ln(e·n) + 0.8 · ln(1612/alpha)) / n). Theorem 2 there.
    public static func halfWidth(count: Int, alpha: Double) -> Double {
        guard count > 0 else { return 1 }
        let n = Double(count)
        let iterated = ln(1 + ln(n))
        return 0.85 * ((iterated + 0.8 * ln(1612 / alpha)) / n).squareRoot()
    }

    /// Bounds of the quantile of the distribution behind `histogram`, in milliseconds.
    ///
    /// As in Theorem 1 there, one quantile is bounded by the ranks at which the empirical
    /// distribution function can still be at `quantile`; here the ranks come from
    /// ``BetaBinomial``. Both ends are taken at the outer edge of their bins.
    ///
    /// - Returns: nil before the first answer; `high` is infinite while it is unbounded.
    public static func bounds(
        of quantile: Double, in histogram: LatencyHistogram, alpha: Double
    ) -> Interval? {
        let total = histogram.count
        guard total > 0 else { return nil }
        let needed = -ln(alpha)
        func isExcluded(_ rank: Int) -> Bool {
            BetaBinomial.lnMixture(rank, of: total, at: quantile) >= needed
        }
        let centre = min(total, max(0, Int(quantile * Double(total))))
        // The quantile lies above the value of the highest excluded rank below the centre …
        let below = isExcluded(0) ? boundary(from: centre, to: 0, isExcluded) : nil
        // … and at or below the value of the lowest excluded rank above it.
        let above = isExcluded(total) ? boundary(from: centre, to: total, isExcluded) : nil
        let low = below.flatMap { histogram.leastMilliseconds(atRank: $0 + 1) } ?? 0
        let high = above.flatMap { histogram.milliseconds(atRank: $0) }
        return Interval(low: Double(low), high: high.map(Double.init) ?? .infinity)
    }

    /// The excluded rank nearest to `near`, by halves; `far` is known to be excluded.
    private static func boundary(
        from near: Int, to far: Int, _ isExcluded: (Int) -> Bool
    ) -> Int? {
        var (kept, excluded) = (near, far)
        while abs(kept - excluded) > 1 {
            let middle = (kept + excluded) / 2
            if isExcluded(middle) { excluded = middle } else { kept = middle }
        }
        return excluded
    }
}
