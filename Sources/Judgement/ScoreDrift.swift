import Rollouts

/// Evidence that the distributions of the two versions' scores differ by more than a distance.
///
/// The nine deciles of stable's scores before the block are cuts. At each cut two e-processes
/// with δ = the distance allowed ask whether the canary has more scores at or below it, and
/// whether it has more above it. Their mean is an e-process too: while nowhere the distribution
/// functions differ by more than the distance, it reaches 1/alpha with probability at most alpha.
struct ScoreDrift: Hashable, Sendable {
    static let deciles = (1...9).map { Double($0) / 10 }
    /// Stable's scores that must be there before the block.
    static let scoresNeeded = 50

    let distance: Double
    /// For each decile: more at or below, more above.
    private(set) var processes: [EProcess]

    init(distance: Double) {
        self.distance = distance
        processes = Self.deciles.flatMap { _ in
            [EProcess(margin: distance), EProcess(margin: distance)]
        }
    }

    init?(distance: Double, saved reader: inout NumberReader) {
        self.init(distance: distance)
        for index in processes.indices {
            guard let process = EProcess(margin: distance, saved: &reader) else { return nil }
            processes[index] = process
        }
    }

    var savedNumbers: [Double] { processes.flatMap(\.savedNumbers) }

    /// Whether any block could be compared yet.
    var isMeasured: Bool { processes[0].counts.canaryTotal > 0 }

    /// - Parameter past: Stable's scores of the whole rollout before this block.
    mutating func count(_ block: TrafficBlock, past: Past, at instant: Timestamp) {
        guard past.scores >= Self.scoresNeeded else { return }
        let cuts = past.cuts(at: Self.deciles)
        let canary = block.canary.scores
        let stable = block.stable.scores
        guard !canary.isEmpty || !stable.isEmpty else { return }
        for (index, cut) in cuts.enumerated() {
            let below = PairedCounts(
                canaryFailures: canary.reduce(0) { $1 < cut ? $0 + 1 : $0 },
                canaryTotal: canary.count,
                stableFailures: stable.reduce(0) { $1 < cut ? $0 + 1 : $0 },
                stableTotal: stable.count)
            processes[2 * index].count(below, at: instant)
            processes[2 * index + 1].count(below.complement, at: instant)
        }
    }

    var lnEvidence: Double {
        var sum = -Double.infinity
        for process in processes { sum = lnSum(sum, process.lnEvidence) }
        return sum - ln(Double(processes.count))
    }

    /// The period of the process with the most evidence.
    var period: EvidencePeriod? {
        processes.max { $0.lnEvidence < $1.lnEvidence }?.period
    }
}

extension PairedCounts {
    fileprivate var complement: PairedCounts {
        PairedCounts(
            canaryFailures: canaryTotal - canaryFailures, canaryTotal: canaryTotal,
            stableFailures: stableTotal - stableFailures, stableTotal: stableTotal)
    }
}
