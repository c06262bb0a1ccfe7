import Judgement
import Rollouts

/// Values of both versions in equal steps, for the rules that the e-process is compared with.
struct Grid {
    private(set) var counts: [Int]
    private(set) var total = 0

    init(steps: Int) { counts = [Int](repeating: 0, count: steps) }

    mutating func add(_ step: Int) {
        counts[min(counts.count - 1, max(0, step))] += 1
        total += 1
    }

    func quantile(_ part: Double) -> Int {
        var under = 0
        for (step, count) in counts.enumerated() {
            under += count
            if Double(under) >= part * Double(total) { return step }
        }
        return counts.count
    }
}

/// The standard score of Mann and Whitney's U with ties: above 0 where `one` is larger.
func rankScore(_ one: Grid, _ other: Grid) -> Double {
    let (m, n) = (Double(one.total), Double(other.total))
    guard m > 0, n > 0 else { return 0 }
    var wins = 0.0
    var ties = 0.0
    var below = 0.0
    for step in one.counts.indices where one.counts[step] + other.counts[step] > 0 {
        let (a, b) = (Double(one.counts[step]), Double(other.counts[step]))
        wins += a * (below + b / 2)
        below += b
        ties += (a + b) * (a + b) * (a + b) - (a + b)
    }
    let all = m + n
    let variance = m * n / 12 * (all + 1 - ties / (all * (all - 1)))
    guard variance > 0 else { return 0 }
    return (wins - m * n / 2) / variance.squareRoot()
}

/// The largest difference of the two distribution functions.
func distance(_ one: Grid, _ other: Grid) -> Double {
    guard one.total > 0, other.total > 0 else { return 0 }
    var (a, b, largest) = (0, 0, 0.0)
    for step in one.counts.indices {
        a += one.counts[step]
        b += other.counts[step]
        let difference = Double(a) / Double(one.total) - Double(b) / Double(other.total)
        largest = max(largest, abs(difference))
    }
    return largest
}

private let batch = 50
private let looks = 4000

/// A trial with one check, whose part of alpha is ``checkAlpha``: the share's is as large.
private func trial(_ check: Check) -> Trial {
    Trial(policy: Policy.standard(alpha: 2 * checkAlpha, checks: [check]))
}

/// Log-normal latencies of median 20 ms and σ = 0.4, in whole milliseconds.
func latencyDelays(quantile: Double, factor: Double, share: Double) -> Delays {
    let deviations = quantile == 0.95 ? 1.644_853_6 : 2.326_347_9
    let known = (20 * exponential(0.4 * deviations)).rounded(.up)
    let bound = 1.25 * known + 1
    let slow = normalTail(logarithm(bound / (20 * factor)) / 0.4)
    return delays(runs: 40) { run in
        var chance = Chance(UInt64(run + 1))
        var trial = trial(Policy.latency(quantile))
        var (stable, canary, minute) = (Grid(steps: 400), Grid(steps: 400), Grid(steps: 400))
        var histograms = (stable: LatencyHistogram(), canary: LatencyHistogram())
        var lnRatio = 0.0
        var found = [Int?](repeating: nil, count: 5)
        var seen = 0
        for look in 0..<looks {
            let count = chance.binomial(batch, share)
            let fast = (0..<(batch - count)).map { _ in
                Int32((20 * exponential(0.4 * chance.normal())).rounded(.up))
            }
            let late = (0..<count).map { _ in
                Int32((20 * factor * exponential(0.4 * chance.normal())).rounded(.up))
            }
            seen += count
            if found[0] == nil {
                trial.count(
                    TrafficBlock(
                        stable: VersionSample(latencies: fast),
                        canary: VersionSample(latencies: late)),
                    at: Timestamp(milliseconds: Int64(look) * 200))
                if trial.alarm != nil { found[0] = seen }
            }
            for value in fast {
                stable.add(Int(value))
                histograms.stable.record(milliseconds: value)
            }
            for value in late {
                canary.add(Int(value))
                minute.add(Int(value))
                histograms.canary.record(milliseconds: value)
                let isSlow = Double(value) > bound
                lnRatio += isSlow
                    ? logarithm(slow / (1 - quantile)) : logarithm((1 - slow) / quantile)
            }
            if found[1] == nil, count > 0, isApart(histograms, quantile) { found[1] = seen }
            if (look + 1) % 300 == 0 {
                if minute.total > 0, found[2] == nil, Double(minute.quantile(quantile)) > bound {
                    found[2] = seen
                }
                minute = Grid(steps: 400)
            }
            if found[3] == nil, normalTail(rankScore(canary, stable)) < checkAlpha {
                found[3] = seen
            }
            if found[4] == nil, lnRatio >= -logarithm(checkAlpha) { found[4] = seen }
            if !found.contains(nil) { break }
        }
        return found
    }
}

private func isApart(
    _ histograms: (stable: LatencyHistogram, canary: LatencyHistogram), _ quantile: Double
) -> Bool {
    guard
        let canary = QuantileBand.bounds(of: quantile, in: histograms.canary, alpha: checkAlpha / 2),
        let stable = QuantileBand.bounds(of: quantile, in: histograms.stable, alpha: checkAlpha / 2)
    else { return false }
    return canary.low > 1.25 * stable.high + 1
}

/// Normal scores, the canary's moved so far that the distributions differ by `distance`.
func scoreDelays(distance target: Double, share: Double) -> Delays {
    let shift = target == 0.2 ? 0.506_694 : 0.852_226
    let centre = shift / 2
    // At the cut in the middle: the canary's part above, and the most that is allowed.
    let above = normalTail(centre - shift)
    let allowed = normalTail(centre) + 0.1
    return delays(runs: 25) { run in
        var chance = Chance(UInt64(run + 1))
        var trial = trial(Policy.scoreDrift)
        var (stable, canary, minute) = (Grid(steps: 512), Grid(steps: 512), Grid(steps: 512))
        var lnRatio = 0.0
        var found = [Int?](repeating: nil, count: 5)
        var seen = 0
        for look in 0..<looks {
            let count = chance.binomial(batch, share)
            let old = (0..<(batch - count)).map { _ in chance.normal() }
            let new = (0..<count).map { _ in chance.normal() + shift }
            seen += count
            if found[0] == nil {
                trial.count(
                    TrafficBlock(
                        stable: VersionSample(scores: old), canary: VersionSample(scores: new)),
                    at: Timestamp(milliseconds: Int64(look) * 200))
                if trial.alarm != nil { found[0] = seen }
            }
            for value in old { stable.add(Int((value + 5) * 50)) }
            for value in new {
                canary.add(Int((value + 5) * 50))
                minute.add(Int((value + 5) * 50))
                lnRatio += value > centre
                    ? logarithm(above / allowed) : logarithm((1 - above) / (1 - allowed))
            }
            let width =
                QuantileBand.halfWidth(count: canary.total, alpha: checkAlpha / 2)
                + QuantileBand.halfWidth(count: stable.total, alpha: checkAlpha / 2)
            if found[1] == nil, width < 0.9, distance(canary, stable) - width > 0.1 {
                found[1] = seen
            }
            if (look + 1) % 300 == 0 {
                if minute.total > 0, found[2] == nil, distance(minute, stable) > 0.1 {
                    found[2] = seen
                }
                minute = Grid(steps: 512)
            }
            if found[3] == nil, 2 * normalTail(abs(rankScore(canary, stable))) < checkAlpha {
                found[3] = seen
            }
            if found[4] == nil, lnRatio >= -logarithm(checkAlpha) { found[4] = seen }
            if !found.contains(nil) { break }
        }
        return found
    }
}
