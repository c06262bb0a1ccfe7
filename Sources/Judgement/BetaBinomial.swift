/// A pair of bounds, both in the unit of what they bound.
public struct Interval: Hashable, Sendable {
    public let low: Double
    public let high: Double

    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }
}

/// Bounds of a rate that hold at every look at once: the beta-binomial mixture of Robbins.
///
/// Under rate p the mixture likelihood ratio
/// M(p) = B(k + ½, n − k + ½) / (B(½, ½) · p^k · (1 − p)^(n − k)) is a martingale that starts
/// at 1, so the rates with M < 1/alpha contain the true one at all n together with probability
/// at least 1 − alpha: Robbins, "Statistical methods related to the law of the iterated
/// logarithm" (1970); the mixture by Beta(½, ½) in Howard, Ramdas, McAuliffe and Sekhon,
/// "Time-uniform, nonparametric, nonasymptotic confidence sequences" (2021).
public enum BetaBinomial {
    /// ln B(½, ½) = ln π.
    private static let lnPrior = 1.144_729_885_849_400_2

    /// ln M(p) for `count` of `total`.
    static func lnMixture(_ count: Int, of total: Int, at rate: Double) -> Double {
        lnMarginal(count, of: total) - lnLikelihood(count, of: total, at: rate)
    }

    private static func lnMarginal(_ count: Int, of total: Int) -> Double {
        lnBeta(Double(count) + 0.5, Double(total - count) + 0.5) - lnPrior
    }

    private static func lnLikelihood(_ count: Int, of total: Int, at rate: Double) -> Double {
        let hits = count > 0 ? Double(count) * ln(rate) : 0
        let misses = count < total ? Double(total - count) * ln(onePlus: -rate) : 0
        return hits + misses
    }

    /// The bounds of the rate behind `count` of `total`, fractions 0...1.
    ///
    /// - Parameter alpha: The most probable that the rate is ever outside, in (0, 1).
    public static func bounds(_ count: Int, of total: Int, alpha: Double) -> Interval {
        guard total > 0 else { return Interval(low: 0, high: 1) }
        let share = Double(count) / Double(total)
        let marginal = lnMarginal(count, of: total)
        let needed = -ln(alpha)
        // M falls towards the observed share from both sides; each bound is its only crossing.
        func isOutside(_ rate: Double) -> Bool {
            marginal - lnLikelihood(count, of: total, at: rate) >= needed
        }
        let low = count == 0 ? 0 : crossing(outside: 0, inside: share, isOutside).outside
        let high = count == total ? 1 : crossing(outside: 1, inside: share, isOutside).outside
        return Interval(low: low, high: high)
    }

    private static func crossing(
        outside: Double, inside: Double, _ isOutside: (Double) -> Bool
    ) -> (outside: Double, inside: Double) {
        var (outside, inside) = (outside, inside)
        for _ in 0..<100 {
            let middle = (outside + inside) / 2
            guard middle != outside, middle != inside else { break }
            if isOutside(middle) { outside = middle } else { inside = middle }
            if abs(outside - inside) <= 1e-13 * inside { break }
        }
        return (outside, inside)
    }

    /// Whether `rate` lies below the lower bound: one look costs a fraction of a microsecond.
    static func isBelow(
        _ rate: Double, _ count: Int, of total: Int, alpha: Double
    ) -> Bool {
        guard total > 0, Double(count) > rate * Double(total) else { return false }
        guard rate > 0 else { return true }
        return lnMixture(count, of: total, at: rate) >= -ln(alpha)
    }
}
