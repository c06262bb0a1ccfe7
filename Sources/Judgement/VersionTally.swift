/// What was counted of one version since some instant.
public struct VersionTally: Hashable, Sendable {
    public internal(set) var attempts = 0
    public internal(set) var failures = 0
    public internal(set) var hiddenFailures = 0
    public internal(set) var firstTries = 0
    /// Answers below status 500.
    public internal(set) var latency = LatencyHistogram()
    /// Scores, once a ruler is cut for them.
    var scores: ScoreHistogram?

    public init() {}

    mutating func add(_ sample: VersionSample) {
        attempts += sample.attempts
        failures += sample.failures
        hiddenFailures += sample.hiddenFailures
        firstTries += sample.firstTries
        latency.record(sample.latencies)
    }

    mutating func merge(_ other: VersionTally) {
        attempts += other.attempts
        failures += other.failures
        hiddenFailures += other.hiddenFailures
        firstTries += other.firstTries
        latency.merge(other.latency)
        guard let theirs = other.scores else { return }
        if scores == nil { scores = theirs } else { scores?.merge(theirs) }
    }

    mutating func add(scores values: [Double], ruler: ScoreRuler) {
        guard !values.isEmpty else { return }
        if scores == nil { scores = ScoreHistogram(ruler: ruler) }
        for value in values where value.isFinite { scores?.record(value) }
    }
}

/// Both versions' counts since one and the same instant.
public struct Tally: Hashable, Sendable {
    public internal(set) var stable = VersionTally()
    public internal(set) var canary = VersionTally()
    /// Attempts on targets of neither version.
    public internal(set) var foreign = 0

    public init() {}

    mutating func add(_ block: TrafficBlock) {
        stable.add(block.stable)
        canary.add(block.canary)
        foreign += block.foreign
    }

    mutating func merge(_ other: Tally) {
        stable.merge(other.stable)
        canary.merge(other.canary)
        foreign += other.foreign
    }
}

extension VersionTally {
    fileprivate var savedCounts: [Int] { [attempts, failures, hiddenFailures, firstTries] }

    fileprivate mutating func restore(_ counts: ArraySlice<Int>) {
        let counts = Array(counts)
        attempts = max(0, counts[0])
        failures = min(attempts, max(0, counts[1]))
        hiddenFailures = max(0, counts[2])
        firstTries = max(0, counts[3])
    }
}

extension Tally {
    /// Four counts of stable, then four of the canary; histograms are not kept.
    var savedCounts: [Int] { stable.savedCounts + canary.savedCounts }

    /// - Parameter counts: Eight, in the order of ``savedCounts``.
    mutating func restore(_ counts: [Int]) {
        stable.restore(counts[0..<4])
        canary.restore(counts[4..<8])
    }
}

/// One version's counts in the steps that are over and in the present one.
struct Past {
    let earlier: VersionTally
    let step: VersionTally

    var answers: Int { earlier.latency.count + step.latency.count }
    var scores: Int { (earlier.scores?.count ?? 0) + (step.scores?.count ?? 0) }

    /// Milliseconds that the part `quantile` of the answers did not exceed.
    func latency(_ quantile: Double) -> Int? {
        step.latency.quantile(quantile, with: earlier.latency)
    }

    /// The cuts of all scores; empty without any.
    func cuts(at parts: [Double]) -> [Double] {
        guard let present = step.scores else { return earlier.scores?.cuts(at: parts) ?? [] }
        return present.cuts(at: parts, with: earlier.scores)
    }
}
