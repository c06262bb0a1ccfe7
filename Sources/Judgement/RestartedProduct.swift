import Rollouts

/// Counts of both versions that an e-process has seen.
public struct PairedCounts: Hashable, Sendable {
    public var canaryFailures = 0
    public var canaryTotal = 0
    public var stableFailures = 0
    public var stableTotal = 0

    public init() {}

    public init(canaryFailures: Int, canaryTotal: Int, stableFailures: Int, stableTotal: Int) {
        self.canaryFailures = canaryFailures
        self.canaryTotal = canaryTotal
        self.stableFailures = stableFailures
        self.stableTotal = stableTotal
    }

    static func + (one: PairedCounts, other: PairedCounts) -> PairedCounts {
        PairedCounts(
            canaryFailures: one.canaryFailures + other.canaryFailures,
            canaryTotal: one.canaryTotal + other.canaryTotal,
            stableFailures: one.stableFailures + other.stableFailures,
            stableTotal: one.stableTotal + other.stableTotal)
    }

    static func - (one: PairedCounts, other: PairedCounts) -> PairedCounts {
        PairedCounts(
            canaryFailures: one.canaryFailures - other.canaryFailures,
            canaryTotal: one.canaryTotal - other.canaryTotal,
            stableFailures: one.stableFailures - other.stableFailures,
            stableTotal: one.stableTotal - other.stableTotal)
    }
}

/// A product of e-variables to which every block adds a new beginning of small weight.
///
/// R becomes R·L + w at every block, so R is the sum over all beginnings j of w_j times the
/// product of every L after j. A long healthy past shrinks the early ones only. All of them are
/// multiplied alike, so the heaviest is known from two numbers: its weight, and where it began.
/// That beginning is the first block of the period which the evidence speaks of.
struct RestartedProduct: Hashable, Sendable {
    /// ln R.
    private(set) var lnWealth: Double
    /// ln of the heaviest component in R.
    private(set) var lnHeaviest: Double
    /// Receipt of the first block in the heaviest component; nil until there is one.
    private(set) var began: Timestamp?
    /// What the process had counted before that block.
    private(set) var before: PairedCounts

    /// - Parameter weight: R before the first block.
    init(weight: Double) {
        lnWealth = ln(weight)
        lnHeaviest = lnWealth
        began = nil
        before = PairedCounts()
    }

    init(lnWealth: Double, lnHeaviest: Double, began: Timestamp?, before: PairedCounts) {
        self.lnWealth = lnWealth
        self.lnHeaviest = lnHeaviest
        self.began = began
        self.before = before
    }

    /// Multiplies by a block's L.
    ///
    /// - Parameter counted: Everything the process counted before this block.
    mutating func multiply(lnFactor: Double, at instant: Timestamp, counted: PairedCounts) {
        if began == nil {
            began = instant
            before = counted
        }
        lnWealth += lnFactor
        lnHeaviest += lnFactor
    }

    /// Adds a beginning of weight e^`lnWeight`, whose first block is the next one.
    mutating func restart(lnWeight: Double) {
        lnWealth = lnSum(lnWealth, lnWeight)
        if lnWeight >= lnHeaviest {
            lnHeaviest = lnWeight
            began = nil
        }
    }
}
