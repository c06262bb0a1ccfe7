import Rollouts

/// Evidence that the canary gets less than half of the requests that the gateway was told.
///
/// A gateway that finds the canary's targets unhealthy sends their requests to stable without a
/// word, and then nothing of the canary can be measured. For each request the first try is on
/// the canary with some probability; under "at least s₀ = half the share told" the likelihood
/// ratio of s₁ < s₀ is an e-variable for each batch, because it falls as the canary gets more
/// (Grünwald, de Heide and Koolen, "Safe testing", 2024, §3 on one-sided simple alternatives).
/// Alternatives are s₁ = share · ``parts``, products restart as those of ``EProcess``, and a
/// balancer that deals weights out in turn varies less than chance, which errs to the safe side.
///
/// When the share told changes the expectation changes with it, from the first block that is
/// received ``settling`` after the change: requests dealt out before are still arriving.
struct ShareShortfall: Hashable, Sendable {
    /// Foreseen parts of the share told.
    static let parts = [0.01, 0.1, 0.25]
    /// Milliseconds after a change of the share in which the check rests: the gateway's queue
    /// delays a batch by 0.2 s, and its retries seldom by more than a few seconds.
    static let settling: Int64 = 10_000

    /// What the gateway was told; nil: unknown or not dealt out by chance, and the check rests.
    private(set) var share: TrafficShare?
    private var changed = false
    private var settledAt: Timestamp?
    /// Blocks counted.
    private(set) var blocks = 0
    /// First tries on the canary, and on either version, in the blocks counted.
    private(set) var canary = 0
    private(set) var total = 0
    private(set) var products: [RestartedProduct]

    init() {
        products = Self.parts.map { _ in RestartedProduct(weight: 0.5) }
    }

    init?(saved reader: inout NumberReader) {
        self.init()
        guard let blocks = reader.count(), let canary = reader.count(),
            let total = reader.count(), canary <= total
        else { return nil }
        self.blocks = blocks
        self.canary = canary
        self.total = total
        for index in products.indices {
            guard let product = RestartedProduct(&reader) else { return nil }
            products[index] = product
        }
    }

    var savedNumbers: [Double] {
        [Double(blocks), Double(canary), Double(total)] + products.flatMap(\.savedNumbers)
    }

    var isMeasured: Bool { total > 0 }

    mutating func expect(_ share: TrafficShare?) {
        guard share != self.share else { return }
        self.share = share
        changed = true
    }

    mutating func count(_ block: TrafficBlock, at instant: Timestamp) {
        if changed {
            settledAt = instant.advanced(byMilliseconds: Self.settling)
            changed = false
        }
        guard let share, share > .none, let settledAt, settledAt <= instant else { return }
        let hits = block.canary.firstTries
        let misses = block.stable.firstTries
        guard hits + misses > 0 else { return }
        let told = Double(share.basisPoints) / 10_000
        let border = told / 2
        blocks += 1
        let t = Double(blocks)
        let counted = PairedCounts(
            canaryFailures: canary, canaryTotal: total, stableFailures: 0, stableTotal: 0)
        for index in products.indices {
            let foreseen = told * Self.parts[index]
            let lnFactor =
                Double(hits) * ln(foreseen / border)
                + Double(misses) * ln((1 - foreseen) / (1 - border))
            products[index].multiply(lnFactor: lnFactor, at: instant, counted: counted)
            products[index].restart(lnWeight: -ln(2 * t * (t + 1)))
        }
        canary += hits
        total += hits + misses
    }

    var lnEvidence: Double {
        var sum = -Double.infinity
        for product in products { sum = lnSum(sum, product.lnWealth) }
        return lnSum(sum - ln(Double(products.count)), -ln(2 * Double(blocks + 1)))
    }

    /// The period of the largest product; `canaryFailures` of `canaryTotal` are first tries on
    /// the canary of those on either version.
    var period: EvidencePeriod? {
        guard let largest = products.max(by: { $0.lnWealth < $1.lnWealth }),
            let began = largest.began
        else { return nil }
        let counted = PairedCounts(
            canaryFailures: canary, canaryTotal: total, stableFailures: 0, stableTotal: 0)
        return EvidencePeriod(from: began, counts: counted - largest.before)
    }
}
