import Judgement
import Rollouts

/// How soon a bad canary is found, by five rules on the same traffic.
func printPower() {
    print("## Median requests on the canary until it is found (check's alpha 1 %/3, 50 a batch)\n")
    print("In brackets: the part of the rollouts in which it was found at all, where not all,")
    print("within 20 minutes of 250 requests a second (latencies and scores: 13 minutes).")
    print("Read it with the false alarms above: a rule that often cries wolf is quick, too.\n")
    var table = Table([
        "harm", "split", "e-process", "interval rule", "fixed threshold",
        "Mann-Whitney at every look", "SPRT, rates known",
    ])
    for split in [0.01, 0.05, 0.2, 0.5] {
        for harm in errorHarms { table.add(row(harm.name, split, errorDelays(harm, share: split))) }
        for quantile in [0.95, 0.99] {
            let delays = latencyDelays(quantile: quantile, factor: 1.6, share: split)
            table.add(row("p\(fixed(100 * quantile, 0)) × 1.6", split, delays))
        }
        for distance in [0.2, 0.33] {
            let delays = scoreDelays(distance: distance, share: split)
            table.add(row("KS \(fixed(distance, 2)), limit 0.1", split, delays))
        }
    }
    table.print()
}

/// Delays of each rule over the runs, in requests on the canary; nil: not found.
typealias Delays = [[Int?]]

private func row(_ name: String, _ share: Double, _ delays: Delays) -> [String] {
    let split = "\(fixed(100 * share, 0)):\(fixed(100 - 100 * share, 0))"
    return [name, split] + delays.map(median)
}

private func median(_ delays: [Int?]) -> String {
    let found = delays.compactMap { $0 }.sorted()
    let middle = delays.count / 2
    let part = Double(found.count) / Double(delays.count)
    let note = found.count < delays.count ? " (\(fixed(100 * part, 0)) %)" : ""
    return (middle < found.count ? String(found[middle]) : "–") + note
}

private struct ErrorHarm {
    let name: String
    let stable: Double
    let canary: Double
    let margin: Double
    /// Seconds of health before.
    var healthy = 0.0
}

private let errorHarms = [
    ErrorHarm(name: "0.5 → 10 %, limit 1 %", stable: 0.005, canary: 0.1, margin: 0.01),
    ErrorHarm(name: "1 → 2 %, limit 0", stable: 0.01, canary: 0.02, margin: 0),
    ErrorHarm(name: "1 → 5 %, limit 0", stable: 0.01, canary: 0.05, margin: 0),
    ErrorHarm(
        name: "30 % after 10 min of health, limit 1 %", stable: 0.005, canary: 0.3, margin: 0.01,
        healthy: 600),
]

let checkAlpha = 0.01 / 3
private let batch = 50

private func errorDelays(_ harm: ErrorHarm, share: Double) -> Delays {
    delays(runs: 100) { run in
        var chance = Chance(UInt64(run + 1))
        var rules: [any ErrorRule] = [
            EvidenceRule(margin: harm.margin, alpha: checkAlpha),
            IntervalRule(margin: harm.margin, alpha: checkAlpha),
            ThresholdRule(threshold: 0.01), RankRule(alpha: checkAlpha),
            KnownRatesRule(
                stable: harm.stable + harm.margin, canary: harm.canary, alpha: checkAlpha),
        ]
        var found = [Int?](repeating: nil, count: rules.count)
        var failed = [Bool](repeating: false, count: rules.count)
        var seen = 0
        for index in 0..<(Int(harm.healthy * World.blocksPerSecond) + 6000) {
            let second = Double(index) / World.blocksPerSecond
            let isHarmed = second >= harm.healthy
            let rate = isHarmed ? harm.canary : harm.stable
            let canary = chance.binomial(batch, share)
            if isHarmed { seen += canary }
            let block = ErrorBlock(
                second: second, canary: (chance.binomial(canary, rate), canary),
                stable: (chance.binomial(batch - canary, harm.stable), batch - canary))
            for rule in rules.indices where found[rule] == nil && !failed[rule] {
                guard rules[rule].count(block) else { continue }
                // An alarm in the healthy time is false, and that rule is out of the run.
                if isHarmed { found[rule] = seen } else { failed[rule] = true }
            }
            if rules.indices.allSatisfy({ found[$0] != nil || failed[$0] }) { break }
            if found[0] != nil, seen > 20_000 { break }
        }
        return found
    }
}

/// Runs `run` for every seed and turns its answers into one list a rule.
func delays(runs: Int, _ run: (Int) -> [Int?]) -> Delays {
    let rows = (0..<runs).map(run)
    return rows[0].indices.map { rule in rows.map { $0[rule] } }
}
