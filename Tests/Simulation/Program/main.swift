import Glibc
import SimulatedWorld

// make simulate SEEDS=10000 · make simulate SEED=7 · make simulate-bugs
let options = Options(CommandLine.arguments)

// Swift draws the order of sets and dictionaries anew in each process, unless told not to.
if getenv("SWIFT_DETERMINISTIC_HASHING") == nil {
    setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
    execv("/proc/self/exe", CommandLine.unsafeArgv)
    print("cannot start again: error \(errno)")
    exit(2)
}

switch options.task {
case .help(let reason):
    print(reason)
    exit(2)
case .one(let plan):
    let world = World(plan, listener: options.isQuiet ? nil : { print($0) })
    world.run()
    print("seed \(plan.seed): digest \(String(world.tally.digest, radix: 16))")
    for violation in world.tally.violations { print("  \(violation)") }
    exit(world.tally.violations.isEmpty ? 0 : 1)
case .many(let plans):
    var report = Report()
    for (number, plan) in plans.enumerated() {
        let world = World(plan)
        world.run()
        report.add(plan, world.tally)
        if let law = options.lastLaw, world.tally.violations.contains(where: { $0.hasPrefix(law) }) {
            break
        }
        if number % 500 == 499 {
            let line = Array("\(number + 1) runs, \(report.failed.count) with violations\n".utf8)
            _ = write(STDERR_FILENO, line, line.count)
        }
    }
    print(report.text)
    exit(report.failed.isEmpty ? 0 : 1)
}
