/// What many runs came to.
public struct Report: Sendable {
    public private(set) var runs = 0
    public private(set) var counts: [String: Int] = [:]
    /// Seeds that broke a law, with the first words of each.
    public private(set) var failed: [(seed: UInt64, violations: [String])] = []

    public init() {}

    public mutating func add(_ seed: UInt64, _ tally: Tally) {
        runs += 1
        counts.merge(tally.counts, uniquingKeysWith: +)
        if !tally.violations.isEmpty { failed.append((seed, tally.violations)) }
    }

    public var text: String {
        var lines = ["runs: \(runs)", "faults injected: \(counts.values.reduce(0, +))"]
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(kind): \(count)")
        }
        lines.append("runs with violations: \(failed.count)")
        for (seed, violations) in failed.prefix(20) {
            lines.append("  make simulate SEED=\(seed)")
            lines += violations.prefix(4).map { "    \($0)" }
        }
        return lines.joined(separator: "\n")
    }
}
