public import Rollouts

/// What a trial needs to go on after a restart: plain numbers, all finite.
///
/// Histograms are not kept: after a restart stable's quantiles are learnt anew, from at least 50
/// values, before latencies and scores are compared again.
public struct SavedEvidence: Hashable, Sendable {
    /// The evidence of one check.
    public struct Part: Hashable, Sendable {
        /// Which test the numbers belong to: the metric and what defines the null hypothesis.
        public var key: String
        /// As ``Trial/saved`` wrote them; others than fit the key are left aside.
        public var numbers: [Double]
        public var alarm: Alarm?
        /// ln E, or failures of a query, at which a person resumed; nil: nobody did.
        public var acknowledged: Double?

        public init(key: String, numbers: [Double], alarm: Alarm?, acknowledged: Double?) {
            self.key = key
            self.numbers = numbers
            self.alarm = alarm
            self.acknowledged = acknowledged
        }
    }

    /// How often the service came back without the evidence: alpha is halved each time.
    public var lostRestarts: Int
    /// Steps begun so far.
    public var stepNumber: Int
    public var stepBegan: Timestamp?
    /// Attempts, failures, hidden failures and first tries of this step: stable's, the canary's.
    public var stepCounts: [Int]
    public var parts: [Part]

    public init(
        lostRestarts: Int, stepNumber: Int, stepBegan: Timestamp?, stepCounts: [Int],
        parts: [Part]
    ) {
        self.lostRestarts = lostRestarts
        self.stepNumber = stepNumber
        self.stepBegan = stepBegan
        self.stepCounts = stepCounts
        self.parts = parts
    }

    /// What is left when evidence was lost: a trial from new at a smaller alpha.
    ///
    /// - Parameter restarts: How often that happened to the rollout, this time included.
    public static func lost(restarts: Int) -> SavedEvidence {
        SavedEvidence(
            lostRestarts: restarts, stepNumber: 0, stepBegan: nil, stepCounts: [], parts: [])
    }
}

/// Reads numbers one after the other; nil once they are used up.
struct NumberReader {
    private var rest: ArraySlice<Double>

    init(_ numbers: [Double]) { rest = numbers[...] }

    var isAtEnd: Bool { rest.isEmpty }
    var remaining: Int { rest.count }

    mutating func number() -> Double? { rest.popFirst() }

    /// A whole number of 0 or more.
    mutating func count() -> Int? {
        guard let number = rest.popFirst(), number >= 0, number <= 0x1p53 else { return nil }
        return Int(number)
    }

    /// A moment; -1 stands for none.
    mutating func instant() -> Timestamp?? {
        guard let number = rest.popFirst(), abs(number) <= 0x1p53 else { return nil }
        return number < 0 ? .some(nil) : Timestamp(milliseconds: Int64(number))
    }
}

extension Timestamp? {
    var savedNumber: Double { map { Double($0.milliseconds) } ?? -1 }
}

extension PairedCounts {
    var savedNumbers: [Double] {
        [canaryFailures, canaryTotal, stableFailures, stableTotal].map(Double.init)
    }

    init?(_ reader: inout NumberReader) {
        guard let canaryFailures = reader.count(), let canaryTotal = reader.count(),
            let stableFailures = reader.count(), let stableTotal = reader.count()
        else { return nil }
        self.init(
            canaryFailures: canaryFailures, canaryTotal: canaryTotal,
            stableFailures: stableFailures, stableTotal: stableTotal)
    }
}

extension RestartedProduct {
    var savedNumbers: [Double] {
        [lnWealth, lnHeaviest, began.savedNumber] + before.savedNumbers
    }

    init?(_ reader: inout NumberReader) {
        guard let lnWealth = reader.number(), let lnHeaviest = reader.number(),
            lnWealth.isFinite, lnHeaviest.isFinite,
            let began = reader.instant(), let before = PairedCounts(&reader)
        else { return nil }
        self.init(lnWealth: lnWealth, lnHeaviest: lnHeaviest, began: began, before: before)
    }
}
