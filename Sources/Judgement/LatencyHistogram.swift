/// Milliseconds of answers, counted in bins: exact to 127 ms, to 1.6 % up to 70 minutes.
///
/// The gateway's clock has whole milliseconds, so nothing is lost below 128. Above there are 64
/// bins an octave to 2^22 ms. About 1 KiB for a model that answers within a second.
public struct LatencyHistogram: Hashable, Sendable {
    private var counts = LogLinearCounts()

    public init() {}

    public mutating func record(milliseconds: Int32) { counts.add(Int(milliseconds)) }

    mutating func record(_ milliseconds: [Int32]) { counts.add(contentsOf: milliseconds) }

    mutating func merge(_ other: LatencyHistogram) { counts.merge(other.counts) }

    /// How many answers were recorded.
    public var count: Int { counts.total }

    /// The least whole number of milliseconds that at least the part `quantile` of the answers
    /// did not exceed: the upper end of the bin in which the quantile falls.
    ///
    /// - Parameter quantile: Above 0, at most 1.
    /// - Returns: Milliseconds, or nil before the first answer.
    public func quantile(_ quantile: Double) -> Int? {
        self.quantile(quantile, with: nil)
    }

    /// The same of these answers and those of `other` together.
    func quantile(_ quantile: Double, with other: LatencyHistogram?) -> Int? {
        let rank = (quantile * Double(count + (other?.count ?? 0))).rounded(.up)
        return counts.bin(atRank: max(1, Int(rank)), with: other?.counts)
            .map { LogLinearCounts.range(ofBin: $0).upperBound - 1 }
    }

    /// The upper end of the bin that holds the answer of `rank`, counted from 1.
    func milliseconds(atRank rank: Int) -> Int? {
        counts.bin(atRank: rank).map { LogLinearCounts.range(ofBin: $0).upperBound - 1 }
    }

    /// The lower end of the bin that holds the answer of `rank`, counted from 1.
    func leastMilliseconds(atRank rank: Int) -> Int? {
        counts.bin(atRank: rank).map { LogLinearCounts.range(ofBin: $0).lowerBound }
    }

    /// Bytes of the storage that is allocated.
    public var bytes: Int { counts.bytes }
}
