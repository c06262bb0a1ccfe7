import Rollouts

/// Evidence that the canary's quantile of latency exceeds a multiple of stable's.
///
/// With x = stable's quantile so far, fixed before the block, an answer is slow above x ms for
/// stable and above ratio · x + 1 ms for the canary; an ``EProcess`` with δ = 0 compares how
/// often. The millisecond is the step of the gateway's clock: a latency that is rounded on one
/// side of x and not on the other would make a false alarm of a factor within the limit.
struct SlowAnswers: Hashable, Sendable {
    /// Stable's answers that must be there before the block.
    static let answersNeeded = 50

    let quantile: Double
    let ratio: Double
    private(set) var process: EProcess

    init(quantile: Double, ratio: Double) {
        self.quantile = quantile
        self.ratio = ratio
        process = EProcess(margin: 0)
    }

    init?(quantile: Double, ratio: Double, saved reader: inout NumberReader) {
        self.init(quantile: quantile, ratio: ratio)
        guard let process = EProcess(margin: 0, saved: &reader) else { return nil }
        self.process = process
    }

    var isMeasured: Bool { process.counts.canaryTotal > 0 }

    /// - Parameter stable: Stable's answers of the whole rollout before this block.
    mutating func count(_ block: TrafficBlock, stable: Past, at instant: Timestamp) {
        guard stable.answers >= Self.answersNeeded, let x = stable.latency(quantile) else { return }
        let bound = ratio * Double(x) + 1
        let slow = PairedCounts(
            canaryFailures: block.canary.latencies.reduce(0) { Double($1) > bound ? $0 + 1 : $0 },
            canaryTotal: block.canary.latencies.count,
            stableFailures: block.stable.latencies.reduce(0) { Int($1) > x ? $0 + 1 : $0 },
            stableTotal: block.stable.latencies.count)
        process.count(slow, at: instant)
    }
}
