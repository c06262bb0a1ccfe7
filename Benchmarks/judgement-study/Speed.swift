import Judgement
import Rollouts

/// What the statistics cost: one block of 200 stable and 50 canary requests a second.
func printSpeed() {
    print("## Cost of a block (200 stable and 50 canary attempts)\n")
    var table = Table(["checks", "µs a block", "of a core at 10,000 rollouts, one block a second"])
    let compared = Policy.standard(checks: [Policy.errorRate(0.01), Policy.latency(0.95)])
    for (name, policy) in [
        ("error_rate", Policy.standard(checks: [Policy.errorRate(0.01)])),
        ("error_rate + latency", compared),
        (
            "error_rate + latency + score_drift",
            Policy.standard(checks: compared.checks + [Policy.scoreDrift])
        ),
    ] {
        let cost = microsecondsPerBlock(policy)
        table.add([name, fixed(cost, 2), fixed(cost, 1) + " %"])
    }
    table.print()
}

private func microsecondsPerBlock(_ policy: AnalysisPolicy) -> Double {
    var chance = Chance(1)
    let blocks = (0..<64).map { _ in
        TrafficBlock(
            stable: sample(200, rate: 0.005, &chance), canary: sample(50, rate: 0.005, &chance))
    }
    // As many trials as there would be, so that none stays in the processor's cache.
    var trials = (0..<2000).map { _ in Trial(policy: policy) }
    let rounds = 20
    let start = processorSeconds()
    for round in 0..<rounds {
        let at = Timestamp(milliseconds: Int64(round) * 1000)
        for index in trials.indices {
            trials[index].count(blocks[(index + round) % 64], at: at)
        }
    }
    return (processorSeconds() - start) * 1e6 / Double(rounds * trials.count)
}

private func sample(_ count: Int, rate: Double, _ chance: inout Chance) -> VersionSample {
    let failures = chance.binomial(count, rate)
    let answers = count - failures
    return VersionSample(
        attempts: count, failures: failures, firstTries: count,
        latencies: (0..<answers).map { _ in Int32(20 * exponential(0.4 * chance.normal())) },
        scores: (0..<answers).map { _ in chance.normal() })
}
