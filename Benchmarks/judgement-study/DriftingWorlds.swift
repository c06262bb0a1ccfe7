/// A/A in three worlds where rates drift, the same for both versions.
func printDriftingWorlds() {
    let alpha = 0.01
    let runs = 400
    print("## False alarms while both versions drift alike: splits and batches\n")
    print("alpha 1 %, \(runs) rollouts of 3 min, five batches a second; at 1 % a cell of so many")
    print("would show up to 2.5 % by chance.\n")
    var head = ["world", "max_increase"]
    for split in ["5:95", "50:50"] { for size in [10, 50, 200] { head.append("\(split), \(size)") } }
    var table = Table(head)
    for margin in [0, 0.005, 0.01] {
        for (name, world) in [("incident", World.incident), ("sinusoid", World.tide)] {
            var row = [name, percent(margin)]
            for share in [0.05, 0.5] {
                for size in [10, 50, 200] {
                    row.append(evidence(in: world(share), size, runs, margin, alpha))
                }
            }
            table.add(row)
        }
        let climbs = [10, 50, 200].map { evidence(in: .climb, $0, runs, margin, alpha) }
        table.add(["climb, its own split", percent(margin)] + climbs + ["", "", ""])
    }
    table.print()
    printRules(alpha: alpha)
}

private func evidence(
    in world: World, _ size: Int, _ runs: Int, _ margin: Double, _ alpha: Double
) -> String {
    let parts = falseAlarms(in: world, size: size, runs: runs) {
        [EvidenceRule(margin: margin, alpha: alpha)]
    }
    return percent(parts[0])
}

/// The same rollouts judged by five rules while both versions drift alike.
private func printRules(alpha: Double) {
    let runs = 400
    print("## False alarms while both versions drift alike: five rules\n")
    print("alpha 1 %, \(runs) rollouts of 3 min, 250 requests/s, 20 % on the canary.\n")
    var table = Table([
        "world", "max_increase", "e-process", "interval rule", "fixed threshold 1 %",
        "Mann-Whitney at every look", "SPRT, rates known at the start",
    ])
    let worlds = [
        World.constant(rate: 0.01, share: 0.2, seconds: 180), .incident(share: 0.2),
        .tide(share: 0.2), .climb,
    ]
    for world in worlds {
        for margin in [0, 0.01] {
            let known = world.rate(30)
            let parts = falseAlarms(in: world, size: 50, runs: runs) {
                [
                    EvidenceRule(margin: margin, alpha: alpha),
                    IntervalRule(margin: margin, alpha: alpha),
                    ThresholdRule(threshold: 0.01), RankRule(alpha: alpha),
                    KnownRatesRule(
                        stable: known + margin, canary: 2 * (known + margin), alpha: alpha),
                ]
            }
            table.add([world.name, percent(margin)] + parts.map(percent))
        }
    }
    table.print()
}

