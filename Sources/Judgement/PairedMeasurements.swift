import Rollouts

/// Evidence that a pushed metric is worse for the canary by more than a harm allowed.
///
/// Values are scaled by their range to a harm of 0...1 and paired in the order of arrival;
/// d = harm of the canary − harm of stable lies in [−1, 1]. While the mean of d given the past
/// is at most δ, each Π(1 + λ(d − δ)) is a supermartingale that starts at 1 and stays above 0
/// for λ < 1/(1 + δ), and so is their mean: Waudby-Smith and Ramdas, "Estimating means of
/// bounded random variables by betting" (2024).
struct PairedMeasurements: Hashable, Sendable {
    /// λ · (1 + δ): stakes from careful to bold.
    static let stakes = [0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 0.9]
    /// Values of one version that may wait for the other's; a further one displaces the oldest.
    static let queueLimit = 1000

    let metric: Check.Measured
    private(set) var lnWealth: [Double]
    /// Values as they came, of the one version that is ahead.
    private(set) var waiting: [Double] = []
    private(set) var canaryIsWaiting = false
    private(set) var pairs = 0
    /// Sums over the pairs, in the metric's own unit.
    private(set) var canarySum = 0.0
    private(set) var stableSum = 0.0
    /// Values displaced from the queue.
    private(set) var displaced = 0
    private(set) var began: Timestamp?

    init(_ metric: Check.Measured) {
        self.metric = metric
        lnWealth = Self.stakes.map { _ in 0 }
    }

    init?(_ metric: Check.Measured, saved reader: inout NumberReader) {
        self.init(metric)
        guard let pairs = reader.count(), let canarySum = reader.number(),
            let stableSum = reader.number(), let displaced = reader.count(),
            let began = reader.instant(), let ahead = reader.count()
        else { return nil }
        self.pairs = pairs
        self.canarySum = canarySum
        self.stableSum = stableSum
        self.displaced = displaced
        self.began = began
        canaryIsWaiting = ahead == 1
        for index in lnWealth.indices {
            guard let wealth = reader.number(), wealth.isFinite else { return nil }
            lnWealth[index] = wealth
        }
        while waiting.count < Self.queueLimit, let value = reader.number() {
            waiting.append(value)
        }
    }

    var savedNumbers: [Double] {
        [
            Double(pairs), canarySum, stableSum, Double(displaced), began.savedNumber,
            canaryIsWaiting ? 1 : 0,
        ] + lnWealth + waiting
    }

    /// δ: the harm allowed as a part of the range.
    private var margin: Double { metric.maxHarm / (metric.high - metric.low) }

    /// - Parameter value: Clamped to the range; one that is not a number is left out.
    mutating func count(_ value: Double, isCanary: Bool, at instant: Timestamp) {
        guard value == value, metric.high > metric.low else { return }
        let clamped = min(metric.high, max(metric.low, value))
        if waiting.isEmpty || canaryIsWaiting == isCanary {
            canaryIsWaiting = isCanary
            if waiting.count == Self.queueLimit {
                waiting.removeFirst()
                displaced += 1
            }
            waiting.append(clamped)
            return
        }
        let first = waiting.removeFirst()
        pair(canary: isCanary ? clamped : first, stable: isCanary ? first : clamped, at: instant)
    }

    private mutating func pair(canary: Double, stable: Double, at instant: Timestamp) {
        if began == nil { began = instant }
        pairs += 1
        canarySum += canary
        stableSum += stable
        let difference = (canary - stable) / (metric.high - metric.low)
        let harm =
            switch metric.better {
            case .higher: -difference
            case .lower: difference
            }
        for index in lnWealth.indices {
            let stake = Self.stakes[index] / (1 + margin)
            lnWealth[index] += ln(onePlus: stake * (harm - margin))
        }
    }

    var lnEvidence: Double {
        var sum = -Double.infinity
        for wealth in lnWealth { sum = lnSum(sum, wealth) }
        return sum - ln(Double(lnWealth.count))
    }
}
