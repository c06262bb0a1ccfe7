public import Rollouts

/// Evidence that the canary fails more often than stable by more than δ, valid at every look.
///
/// Two-sample e-process of Turner and Grünwald (sources at ``projection``) over blocks, with a
/// grid of alternatives and with restarts. As long as in no block the canary's rate exceeds
/// stable's by more than δ, the probability that ``lnEvidence`` ever reaches ln(1/alpha) is at
/// most alpha (Ville's inequality), however the rates common to both drift from block to block.
///
/// Before each block stable's rate is foreseen as p = (K_s + 0.5)/(N_s + 50) from stable alone;
/// the alternatives are q = min(.98, p + δ + e) for the e of ``excesses``. For each e
/// R starts at 1/2 and becomes R·L + 1/(2t(t+1)) at block t = 1, 2, …, where L is the block's
/// likelihood ratio of (p, q) against its projection (p°, p° + δ). E is the mean of the R plus
/// 1/(2(t+1)), the weight not yet begun with, so that E starts at 1. A block that lacks a
/// version has L = 1.
public struct EProcess: Hashable, Sendable {
    /// By how much above p + δ the canary is foreseen to fail, as fractions.
    public static let excesses = [0.003, 0.01, 0.03, 0.08, 0.2, 0.4, 0.7]

    /// δ: by how much the canary's rate may exceed stable's, 0...1.
    public let margin: Double
    /// Everything counted so far.
    public private(set) var counts = PairedCounts()
    /// t: blocks so far, those without both versions too.
    private(set) var blocks = 0
    /// Blocks whose restarts are in the products. Idle ones are added in one sum when next
    /// needed: 1/(2t(t+1)) telescopes, and nothing is multiplied in between.
    private(set) var settledBlocks = 0
    private(set) var products: [RestartedProduct]

    public init(margin: Double) {
        self.margin = margin
        products = Self.excesses.map { _ in RestartedProduct(weight: 0.5) }
    }

    init?(margin: Double, saved reader: inout NumberReader) {
        self.init(margin: margin)
        guard let blocks = reader.count(), let settledBlocks = reader.count(),
            settledBlocks <= blocks, let counts = PairedCounts(&reader)
        else { return nil }
        self.blocks = blocks
        self.settledBlocks = settledBlocks
        self.counts = counts
        for index in products.indices {
            guard let product = RestartedProduct(&reader) else { return nil }
            products[index] = product
        }
    }

    var savedNumbers: [Double] {
        [Double(blocks), Double(settledBlocks)] + counts.savedNumbers
            + products.flatMap(\.savedNumbers)
    }

    /// Counts a block: `counts` are its failures and attempts alone.
    public mutating func count(_ block: PairedCounts, at instant: Timestamp) {
        blocks += 1
        if block.canaryTotal > 0, block.stableTotal > 0 { multiply(block, at: instant) }
        counts = counts + block
    }

    private mutating func multiply(_ block: PairedCounts, at instant: Timestamp) {
        let p = (Double(counts.stableFailures) + 0.5) / (Double(counts.stableTotal) + 50)
        let idle = blocks - 1 - settledBlocks
        let idleWeight =
            idle > 0 ? 0.5 * (1 / Double(settledBlocks + 1) - 1 / Double(blocks)) : 0
        let lnIdleWeight = ln(idleWeight)
        let t = Double(blocks)
        let lnWeight = -ln(2 * t * (t + 1))
        for index in products.indices {
            let lnFactor = lnRatio(of: block, stable: p, excess: Self.excesses[index])
            if idle > 0 { products[index].restart(lnWeight: lnIdleWeight) }
            products[index].multiply(lnFactor: lnFactor, at: instant, counted: counts)
            products[index].restart(lnWeight: lnWeight)
        }
        settledBlocks = blocks
    }

    /// ln L of one block against one alternative; 0 where the alternative is no harm.
    private func lnRatio(of block: PairedCounts, stable p: Double, excess: Double) -> Double {
        let q = min(0.98, p + margin + excess)
        guard q - p > margin else { return 0 }
        let border = projection(
            stable: p, canary: q, margin: margin, stableCount: Double(block.stableTotal),
            canaryCount: Double(block.canaryTotal))
        let shifted = border + margin
        var sum = 0.0
        if block.canaryFailures > 0 {
            sum += Double(block.canaryFailures) * ln(q / shifted)
        }
        if block.canaryFailures < block.canaryTotal {
            let successes = Double(block.canaryTotal - block.canaryFailures)
            sum += successes * ln((1 - q) / (1 - shifted))
        }
        if block.stableFailures > 0 { sum += Double(block.stableFailures) * ln(p / border) }
        if block.stableFailures < block.stableTotal {
            let successes = Double(block.stableTotal - block.stableFailures)
            sum += successes * ln((1 - p) / (1 - border))
        }
        return sum
    }

    /// ln E.
    public var lnEvidence: Double {
        var sum = -Double.infinity
        for product in products { sum = lnSum(sum, product.lnWealth) }
        let mean = sum - ln(Double(products.count))
        return lnSum(mean, -ln(2 * Double(settledBlocks + 1)))
    }

    /// Whether E ≥ e^`bound`, for a bound above 0; cheaper than ``lnEvidence``.
    public func reaches(_ bound: Double) -> Bool {
        // E is a mean plus at most 1/2, so it is below where its largest part is far below.
        lnLargest >= bound - 1 && lnEvidence >= bound
    }

    /// ln of the largest product.
    var lnLargest: Double { products.reduce(-.infinity) { max($0, $1.lnWealth) } }

    /// The period that carries the evidence: the heaviest component of the largest product.
    public var period: EvidencePeriod? {
        guard let heaviest = products.max(by: { $0.lnWealth < $1.lnWealth }),
            let began = heaviest.began
        else { return nil }
        return EvidencePeriod(from: began, counts: counts - heaviest.before)
    }
}

/// A stretch of blocks, from one until the last, and what was counted in it.
public struct EvidencePeriod: Hashable, Sendable {
    /// Receipt of its first block.
    public let from: Timestamp
    public let counts: PairedCounts

    public init(from: Timestamp, counts: PairedCounts) {
        self.from = from
        self.counts = counts
    }
}
