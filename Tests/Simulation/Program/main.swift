import Glibc
import SimulatedWorld

// make simulate SEEDS=10000 · make simulate SEED=7
let arguments = CommandLine.arguments
func value(_ name: String) -> String? {
    arguments.firstIndex(of: "--\(name)").flatMap { place in
        arguments.indices.contains(place + 1) ? arguments[place + 1] : nil
    }
}

let bug = value("bug").flatMap { Bug(rawValue: $0) }
if let word = value("bug"), bug == nil {
    print("no such bug: \(word); there are: \(Bug.allCases.map(\.rawValue).joined(separator: " "))")
    exit(2)
}

if let seed = value("seed").flatMap({ UInt64($0) }) {
    let isQuiet = arguments.contains("--quiet")
    let world = World(WorldPlan(seed: seed, bug: bug), listener: isQuiet ? nil : { print($0) })
    world.run()
    print("seed \(seed): digest \(String(world.tally.digest, radix: 16))")
    for violation in world.tally.violations { print("  \(violation)") }
    exit(world.tally.violations.isEmpty ? 0 : 1)
}

let first = value("from").flatMap { UInt64($0) } ?? 1
let count = value("seeds").flatMap { UInt64($0) } ?? 200
let stopsAtFirst = arguments.contains("--first")
var report = Report()
for seed in first..<first + count {
    let world = World(WorldPlan(seed: seed, bug: bug))
    world.run()
    report.add(seed, world.tally)
    if stopsAtFirst, !report.failed.isEmpty { break }
}
print(report.text)
exit(report.failed.isEmpty ? 0 : 1)
