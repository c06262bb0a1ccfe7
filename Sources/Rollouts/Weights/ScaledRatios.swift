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
            let search = ratios.search(share, rounding: .down)
            guard let found = search.nearest(to: stableMultiplier) else { continue }
            score.served += 1
            if search.isExact(found, with: stableMultiplier) { score.exact += 1 }
        }
        return score
    }
}
