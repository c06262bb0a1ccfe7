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
        for milliseconds in sample.latencies { latency.record(milliseconds: milliseconds) }
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
