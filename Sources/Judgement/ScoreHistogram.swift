/// The ruler by which scores of both versions are put into bins.
///
/// Scores may be probabilities, logits or prices, so the ruler is cut from the first of them:
/// its middle is their median, its unit 1/128 of the distance between their quartiles (of their
/// whole range where the quartiles are one). Within 127 units of the middle bins are one unit
/// wide, beyond they are 1/64 of the distance from the middle, up to 4 million units away.
struct ScoreRuler: Hashable, Sendable {
    let middle: Double
    let unit: Double

    /// Scores that must be known before a ruler is cut.
    static let scoresNeeded = 50

    /// - Parameter scores: At least one; finite.
    init(cutFrom scores: [Double]) {
        let sorted = scores.sorted()
        middle = sorted[sorted.count / 2]
        let quartiles = sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]
        let range = sorted[sorted.count - 1] - sorted[0]
        let spread = quartiles > 0 ? quartiles : range
        // Where all are one number, or the spread is lost in its digits, any small unit will do.
        let least = max(abs(middle) * 0x1p-40, 0x1p-1020)
        unit = min(max(spread / 128, spread > 0 ? least : abs(middle) * 0x1p-12), 0x1p1000)
            .nonZero(or: 0x1p-12)
    }
}

extension Double {
    fileprivate func nonZero(or other: Double) -> Double { self > 0 ? self : other }
}

/// Scores of one version, counted in the bins of a ruler that both versions share.
///
/// Counts at the edges of bins are exact; only which edges there are is rounded. A distance
/// found between two histograms falls short of the true one by at most the part in one bin.
/// Memory is bounded by 2 × 4.3 KiB, whatever comes; usual are 2 × 1 KiB.
struct ScoreHistogram: Hashable, Sendable {
    let ruler: ScoreRuler
    private var above = LogLinearCounts()
    private var below = LogLinearCounts()

    init(ruler: ScoreRuler) { self.ruler = ruler }

    var count: Int { above.total + below.total }
    var bytes: Int { above.bytes + below.bytes }

    /// Adds what another one with the same ruler counted.
    mutating func merge(_ other: ScoreHistogram) {
        above.merge(other.above)
        below.merge(other.below)
    }

    mutating func record(_ score: Double) {
        let distance = (score - ruler.middle) / ruler.unit
        let end = Double(LogLinearCounts.end)
        if distance >= 0 {
            above.add(Int(min(distance, end)))
        } else {
            // Half-open bins on both sides: an edge belongs to the bin above it.
            below.add(Int(min(-distance, end).rounded(.up)) - 1)
        }
    }

    /// Calls `visit` with bins in ascending order of their scores.
    private func forEach(
        with other: ScoreHistogram? = nil, _ visit: (_ position: Int, _ count: Int) -> Bool
    ) {
        var lower: [(Int, Int)] = []
        below.forEach(with: other?.below) { bin, count in
            lower.append((-1 - bin, count))
            return true
        }
        for (position, count) in lower.reversed() {
            guard visit(position, count) else { return }
        }
        above.forEach(with: other?.above, visit)
    }

    /// The upper edge of the bin at `position`; scores below it are in this bin or under it.
    private func upperEdge(at position: Int) -> Double {
        let lastBin = LogLinearCounts.pageCount * LogLinearCounts.binsPerPage - 1
        guard position != lastBin else { return .infinity }
        let steps =
            position >= 0
            ? LogLinearCounts.range(ofBin: position).upperBound
            : -LogLinearCounts.range(ofBin: -1 - position).lowerBound
        return ruler.middle + Double(steps) * ruler.unit
    }

    /// Edges under which at least each of `parts` of the scores lie, those of `other` added;
    /// empty without scores.
    ///
    /// - Parameter parts: Ascending, inside 0...1.
    func cuts(at parts: [Double], with other: ScoreHistogram? = nil) -> [Double] {
        var cuts: [Double] = []
        cuts.reserveCapacity(parts.count)
        var under = 0
        let total = Double(count + (other?.count ?? 0))
        forEach(with: other) { position, count in
            under += count
            while cuts.count < parts.count, Double(under) >= parts[cuts.count] * total {
                cuts.append(upperEdge(at: position))
            }
            return cuts.count < parts.count
        }
        return cuts
    }

    /// Bins that counted something, with the part of the scores in or under them: ascending.
    func distribution() -> [(position: Int, share: Double)] {
        var under = 0
        let total = Double(count)
        var steps: [(position: Int, share: Double)] = []
        forEach { position, count in
            under += count
            steps.append((position, Double(under) / total))
            return true
        }
        return steps
    }

    /// How many scores lie below each of `cuts`, which are edges of bins: ascending.
    func counts(below cuts: [Double]) -> [Int] {
        var counts = [Int](repeating: 0, count: cuts.count)
        forEach { position, count in
            let edge = upperEdge(at: position)
            for index in cuts.indices where edge <= cuts[index] { counts[index] += count }
            return true
        }
        return counts
    }
}
