/// In which ratios the targets of both versions stand: what all scales have in common.
struct VersionRatios {
    /// Rule 5: effective weights of stable to try, a unit of canary. 1000 and its neighbours that
    /// 19, 9, 4 and 3 divide hit 5, 10, 20, 25, 50 and 75 % exactly; 2000 and more come within 0.05
    /// points below any share from 0.05 % to 97 %, 9999 is for 0.01 %, the small ones for shares
    /// near 100 %.
    private static let sums = [
        1_000, 1_140, 1_710, 2_052, 2_000, 2_400, 5_000, 9_999, 600, 300, 100, 60, 30,
    ]

    /// Multipliers with many divisors: for ratios so coarse or so fine that the wheel is short
    /// enough only when both versions' weights share a divisor.
    private static let composites = [60, 120, 840, 2_520, 5_040, 27_720, 55_440]

    let stable: WeightRatio
    let canary: WeightRatio

    func search(
        _ share: TrafficShare, rounding: CanaryMultiplier.Rounding
    ) -> CanaryMultiplier {
        CanaryMultiplier(
            stable: stable, canary: canary, basisPoints: share.basisPoints, rounding: rounding)
    }

    /// Multipliers of stable worth trying, in the order of preference.
    private var candidates: [Int] {
        let bySum = Self.sums.map { sum in
            max((sum * canary.unit + stable.unit / 2) / stable.unit, 1)
        }
        return (bySum + Self.composites).filter { $0 <= stable.largestMultiplier }
    }

    /// The scale that serves most of the shares, then most of them exactly, then the first.
    func bestScale(for shares: [TrafficShare]) -> ScaledRatios? {
        var best: (scale: ScaledRatios, score: ScaledRatios.Score)?
        for multiplier in candidates {
            let scale = ScaledRatios(ratios: self, stableMultiplier: multiplier)
            let score = scale.score(for: shares)
            if let held = best, !(held.score < score) { continue }
            best = (scale, score)
        }
        return best?.scale
    }

    /// Both multipliers for one share alone: of the candidates the first that hits it exactly, else
    /// the first that serves, else those with the shortest wheel of all.
    func ownScale(_ search: CanaryMultiplier) -> (stable: Int, canary: Int)? {
        var first: (stable: Int, canary: Int)?
        for multiplier in candidates {
            guard let found = search.nearest(to: multiplier) else { continue }
            if search.isExact(found, with: multiplier) { return (multiplier, found) }
            first = first ?? (multiplier, found)
        }
        return first ?? search.shortestWheel
    }
}
