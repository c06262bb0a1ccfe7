import Judgement
import Rollouts

/// A/A of the default policy with score_drift and the watch over the share, as one rollout.
func printWholePolicy() {
    let runs = 300
    let looks = 300
    print("## False aborts of the default policy with score_drift, alpha 1 %\n")
    print("\(runs) rollouts of \(looks) batches of 50, errors 0.1-5 % and latencies ± 30 % in waves.\n")
    let policy = Policy.standard(
        checks: [Policy.errorRate(0.01), Policy.latency(0.95), Policy.scoreDrift])
    var table = Table(["split", "false aborts"])
    for share in [500, 2000, 5000] {
        let aborts = (0..<runs).count { isAborted(policy, share: share, looks: looks, seed: $0) }
        let split = "\(share / 100):\(100 - share / 100)"
        table.add([split, percent(Double(aborts) / Double(runs))])
    }
    table.print()
}

private func isAborted(_ policy: AnalysisPolicy, share: Int, looks: Int, seed: Int) -> Bool {
    var chance = Chance(UInt64(seed + 1))
    var trial = Trial(policy: policy)
    let told = TrafficShare(basisPoints: share) ?? .none
    trial.beginStep(share: told, at: Timestamp(milliseconds: 0))
    trial.setShare(expected: told)
    for look in 0..<looks {
        let second = Double(look) / World.blocksPerSecond
        let wave = cosine(2 * .pi * second / 30)
        let canary = chance.binomial(50, Double(share) / 10_000)
        let block = TrafficBlock(
            stable: sample(50 - canary, wave, &chance), canary: sample(canary, wave, &chance))
        trial.count(block, at: Timestamp(milliseconds: Int64(look) * 200))
        if trial.alarm != nil { return true }
    }
    return false
}

private func sample(_ count: Int, _ wave: Double, _ chance: inout Chance) -> VersionSample {
    let failures = chance.binomial(count, 0.0255 + 0.0245 * wave)
    let answers = count - failures
    return VersionSample(
        attempts: count, failures: failures, firstTries: count,
        latencies: (0..<answers).map { _ in
            Int32(20 * (1 + 0.3 * wave) * exponential(0.4 * chance.normal()))
        },
        scores: (0..<answers).map { _ in chance.normal() + wave })
}
