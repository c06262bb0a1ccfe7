/// Delays where the canary's latencies are `factor` times stable's.
///
/// Log-normal with median 20 ms and σ = 0.4, in whole milliseconds as the gateway gives them.
func latencyDelays(quantile: Double, factor: Double, share: Double) -> Delays {
    let deviations = quantile == 0.95 ? 1.644_853_6 : 2.326_347_9
    let known = (20 * exponential(0.4 * deviations)).rounded(.up)
    let ratio = 1.25
    let bound = ratio * known + 1
    let slow = normalTail(logarithm(bound / (20 * factor)) / 0.4)
    return valueDelays(
        runs: 40, share: share,
        stable: { (20 * exponential(0.4 * $0.normal())).rounded(.up) },
        canary: { (20 * factor * exponential(0.4 * $0.normal())).rounded(.up) },
        rules: [
            TrialRule(Policy.latency(quantile)),
            QuantileIntervalRule(quantile: quantile, ratio: ratio),
            MinuteRule(.milliseconds) { minute, _ in minute.quantile(quantile) > bound },
            RankValuesRule(.milliseconds, isTwoSided: false),
            KnownShareRule(cut: bound, allowed: 1 - quantile, truth: slow),
        ])
}

/// Delays where the canary's scores are moved so far that the distributions of the two versions
/// differ by `distance`: 0.2 or 0.33. Both are normal with σ = 1.
func scoreDelays(distance: Double, share: Double) -> Delays {
    // Twice the deviations that have (1 + distance)/2 below them.
    let shift = distance == 0.2 ? 0.506_694 : 0.852_226
    let limit = 0.1
    let middle = shift / 2
    return valueDelays(
        runs: 25, share: share, stable: { $0.normal() }, canary: { $0.normal() + shift },
        rules: [
            TrialRule(Policy.scoreDrift), DistanceIntervalRule(limit: limit),
            MinuteRule(.scores) { $0.distance(from: $1) > limit },
            RankValuesRule(.scores, isTwoSided: true),
            KnownShareRule(
                cut: middle, allowed: normalTail(middle) + limit, truth: normalTail(-middle)),
        ])
}

/// Runs all rules on the same batches of 50 until each has found the canary, at most 800 s.
private func valueDelays(
    runs: Int, share: Double, stable: (inout Chance) -> Double,
    canary: (inout Chance) -> Double, rules: [any ValueRule]
) -> Delays {
    let batch = 50
    return delays(runs: runs) { run in
        var chance = Chance(UInt64(run + 1))
        var rules = rules
        var found = [Int?](repeating: nil, count: rules.count)
        var seen = 0
        for look in 0..<4000 {
            let count = chance.binomial(batch, share)
            let old = (0..<(batch - count)).map { _ in stable(&chance) }
            let new = (0..<count).map { _ in canary(&chance) }
            seen += count
            for index in rules.indices where found[index] == nil {
                if rules[index].count(stable: old, canary: new, look: look) { found[index] = seen }
            }
            if !found.contains(where: { $0 == nil }) { break }
        }
        return found
    }
}
