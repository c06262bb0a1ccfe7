/// The weights of stable's targets from which the canary reaches the shares of a plan by writes to
/// the canary alone (rules 5 and 6). To be set while the canary is at 0.
public struct StableScale: Hashable, Sendable {
    /// Stable's targets by address.
    public let weights: [String: Int]
    /// Whether every share can be reached without touching stable again. Otherwise those that
    /// cannot are reached by rescaling on the way, at the price of a short dip.
    public let servesAll: Bool
}

/// One scale of stable's weights for all steps together: the present one where it already serves
/// them all, else the one that reaches most of them, and most of them exactly.
/// 0 and 100 % need no scale and are ignored.
///
/// Stable targets that are all at 0 (an upstream about to be made) get a scale as well: give them
/// with weight 0 and create them with what comes back.
public func stableScale(
    for shares: [TrafficShare], among targets: [WeighedTarget]
) throws(WeightPlanError) -> StableScale {
    let split = try SplitTargets(targets)
    let asked = shares.filter { $0 != .none && $0 != .all }
    for share in asked { _ = try plannedWeights(for: share, among: targets, alongside: shares) }
    var best: (multipliers: ScaledRatios, served: Int)?
    for ratios in split.ratios {
        if let present = ratios.stable.multiplier(in: split.stable) {
            let kept = ScaledRatios(ratios: ratios, stableMultiplier: present)
            if kept.score(for: asked).served == asked.count {
                best = (kept, asked.count)
                break
            }
        }
        guard let scaled = ratios.bestScale(for: asked) else { continue }
        let served = scaled.score(for: asked).served
        if served > best?.served ?? -1 { best = (scaled, served) }
        if served == asked.count { break }
    }
    guard let best else { throw .notReachable(nearestBelow: nil, nearestAbove: nil) }
    let weights = best.multipliers.stableWeights
    return StableScale(
        weights: Dictionary(
            zip(split.stable.map(\.address), weights), uniquingKeysWith: { _, last in last }),
        servesAll: best.served == asked.count)
}

/// Both versions' ratios.
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

/// Both versions' ratios with stable's weights fixed.
struct ScaledRatios {
    struct Score: Comparable {
        var served = 0
        var exact = 0

        static func < (left: Score, right: Score) -> Bool {
            (left.served, left.exact) < (right.served, right.exact)
        }
    }

    let ratios: VersionRatios
    let stableMultiplier: Int

    var stableWeights: [Int] { ratios.stable.weights(times: stableMultiplier) }

    /// How many of the shares the canary alone can reach from here, never above what is asked.
    func score(for shares: [TrafficShare]) -> Score {
        var score = Score()
        for share in shares {
            let search = search(share, .down)
            guard let found = search.nearest(to: stableMultiplier) else { continue }
            score.served += 1
            if search.isExact(found, with: stableMultiplier) { score.exact += 1 }
        }
        return score
    }

    func search(_ share: TrafficShare, _ rounding: CanaryMultiplier.Rounding) -> CanaryMultiplier {
        CanaryMultiplier(
            stable: ratios.stable, canary: ratios.canary, basisPoints: share.basisPoints,
            rounding: rounding)
    }
}
