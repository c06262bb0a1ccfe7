/// What many runs came to.
public struct Report: Sendable {
    public private(set) var runs = 0
    public private(set) var counts: [String: Int] = [:]
    /// Worlds in which a law was broken.
    public private(set) var failed: [(name: String, violations: [String])] = []
    private var digest: UInt64 = 0

    public init() {}

    public mutating func add(_ plan: WorldPlan, _ tally: Tally) {
        runs += 1
        counts.merge(tally.counts, uniquingKeysWith: +)
        digest = digest &* 31 &+ tally.digest
        guard !tally.violations.isEmpty else { return }
        let bug = plan.bug.map { " BUG=\($0.rawValue)" } ?? ""
        let crash = plan.crash.map { " (dies in call \($0.call))" } ?? ""
        failed.append(("make simulate SEED=\(plan.seed)\(bug)\(crash)", tally.violations))
    }

    public var text: String {
        var lines = ["runs: \(runs), digest \(String(digest, radix: 16))"]
        lines.append("faults injected: \(counts.values.reduce(0, +))")
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(kind): \(count)")
        }
        lines.append("runs with violations: \(failed.count)")
        for (name, violations) in failed.prefix(20) {
            lines.append("  \(name)")
            lines += violations.prefix(4).map { "    \($0)" }
        }
        return lines.joined(separator: "\n")
    }
}
