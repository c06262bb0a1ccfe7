/// A/A: both versions fail alike, and every alarm is false.
func printFalseAlarms() {
    let alpha = 0.01
    let runs = 1000
    let looks = 300
    print("## False alarms of error_rate with alpha 1 %, \(runs) rollouts of \(looks) looks\n")
    var head = ["error rate", "max_increase"]
    for split in ["5:95", "50:50"] { for size in [10, 50, 200] { head.append("\(split), \(size)") } }
    var table = Table(head)
    var largest = 0.0
    for rate in [0, 0.001, 0.01, 0.2] {
        for margin in [0, 0.005, 0.01] {
            var row = [percent(rate), percent(margin)]
            for share in [0.05, 0.5] {
                for size in [10, 50, 200] {
                    let seconds = Double(looks) / World.blocksPerSecond
                    let world = World.constant(rate: rate, share: share, seconds: seconds)
                    let part = falseAlarms(in: world, size: size, runs: runs) {
                        [EvidenceRule(margin: margin, alpha: alpha)]
                    }[0]
                    largest = max(largest, part)
                    row.append(percent(part))
                }
            }
            table.add(row)
        }
    }
    table.print()
    print("Largest: \(percent(largest)). Columns: share of the canary, requests a batch.\n")
    printEdge(alpha: alpha, looks: looks)
}

/// The hardest case that is no harm: the canary is worse by the margin exactly.
private func printEdge(alpha: Double, looks: Int) {
    print("## False alarms where the canary is worse by max_increase exactly, 1000 rollouts\n")
    var table = Table(["stable's error rate", "max_increase", "5:95, 50", "50:50, 50"])
    for rate in [0, 0.001, 0.01, 0.2] {
        for margin in [0.005, 0.01] {
            var row = [percent(rate), percent(margin)]
            for share in [0.05, 0.5] {
                let seconds = Double(looks) / World.blocksPerSecond
                let world = World.constant(rate: rate, share: share, seconds: seconds)
                let part = falseAlarms(in: world, size: 50, runs: 1000, excess: margin) {
                    [EvidenceRule(margin: margin, alpha: alpha)]
                }[0]
                row.append(percent(part))
            }
            table.add(row)
        }
    }
    table.print()
}

/// The part of the rollouts in which each rule raised an alarm.
func falseAlarms(
    in world: World, size: Int, runs: Int, excess: Double = 0, rules: () -> [any ErrorRule]
) -> [Double] {
    var alarms = [Int](repeating: 0, count: rules().count)
    for run in 0..<runs {
        var chance = Chance(UInt64(run + 1))
        var active = rules()
        var isQuiet = active.map { _ in true }
        let blocks = Int(world.seconds * World.blocksPerSecond)
        for index in 0..<blocks {
            let second = Double(index) / World.blocksPerSecond
            let rate = world.rate(second)
            let canary = chance.binomial(size, world.share(second))
            let block = ErrorBlock(
                second: second, canary: (chance.binomial(canary, rate + excess), canary),
                stable: (chance.binomial(size - canary, rate), size - canary))
            for rule in active.indices where isQuiet[rule] {
                isQuiet[rule] = !active[rule].count(block)
            }
            if !isQuiet.contains(true) { break }
        }
        for rule in active.indices where !isQuiet[rule] { alarms[rule] += 1 }
    }
    return alarms.map { Double($0) / Double(runs) }
}
