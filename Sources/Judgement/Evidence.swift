import Rollouts

/// What one check has gathered over the whole rollout, and over this step for its limit.
enum Evidence: Hashable, Sendable {
    case errorRate(EProcess?)
    /// - Parameter above: Answers of the canary in this step above the limit in milliseconds.
    case latency(SlowAnswers?, above: Int)
    case scoreDrift(ScoreDrift)
    case measurement(PairedMeasurements)
    case prometheus(QueryFailures)
    case share(ShareShortfall)

    /// - Parameter check: nil: the watch over the share, which every rollout has.
    init(for check: Check?) {
        switch check {
        case .errorRate(let check):
            self = .errorRate(check.maxIncrease.map { EProcess(margin: $0) })
        case .latency(let check):
            let slow = check.maxRatio.map { SlowAnswers(quantile: check.quantile, ratio: $0) }
            self = .latency(slow, above: 0)
        case .scoreDrift(let check): self = .scoreDrift(ScoreDrift(distance: check.maxDistance))
        case .measurement(let check): self = .measurement(PairedMeasurements(check))
        case .prometheus(let query): self = .prometheus(QueryFailures(query))
        case nil: self = .share(ShareShortfall())
        }
    }

    /// Puts saved numbers in place; false when they do not fit, and then nothing changes.
    mutating func restore(_ numbers: [Double]) -> Bool {
        var reader = NumberReader(numbers)
        guard let restored = restored(from: &reader), reader.isAtEnd else { return false }
        self = restored
        return true
    }

    private func restored(from reader: inout NumberReader) -> Evidence? {
        switch self {
        case .errorRate(nil): .errorRate(nil)
        case .errorRate(.some(let process)):
            EProcess(margin: process.margin, saved: &reader).map { .errorRate($0) }
        case .latency(nil, _): reader.count().map { .latency(nil, above: $0) }
        case .latency(.some(let slow), _):
            reader.count().flatMap { above in
                SlowAnswers(quantile: slow.quantile, ratio: slow.ratio, saved: &reader)
                    .map { .latency($0, above: above) }
            }
        case .scoreDrift(let drift):
            ScoreDrift(distance: drift.distance, saved: &reader).map { .scoreDrift($0) }
        case .measurement(let pairs):
            PairedMeasurements(pairs.metric, saved: &reader).map { .measurement($0) }
        case .prometheus(let failures):
            QueryFailures(failures.query, saved: &reader).map { .prometheus($0) }
        case .share: ShareShortfall(saved: &reader).map { .share($0) }
        }
    }

    var savedNumbers: [Double] {
        switch self {
        case .errorRate(let process): process?.savedNumbers ?? []
        case .latency(let slow, let above):
            [Double(above)] + (slow?.process.savedNumbers ?? [])
        case .scoreDrift(let drift): drift.savedNumbers
        case .measurement(let pairs): pairs.savedNumbers
        case .prometheus(let failures): failures.savedNumbers
        case .share(let shortfall): shortfall.savedNumbers
        }
    }

    /// ln E of the comparison; nil where there is none.
    var lnEvidence: Double? {
        switch self {
        case .errorRate(let process): process?.lnEvidence
        case .latency(let slow, _): slow?.process.lnEvidence
        case .scoreDrift(let drift): drift.lnEvidence
        case .measurement(let pairs): pairs.lnEvidence
        case .prometheus: nil
        case .share(let shortfall): shortfall.lnEvidence
        }
    }

    /// ln of the largest of the parts of which E is the mean; nil where there is none.
    var lnLargest: Double? {
        switch self {
        case .errorRate(let process): process?.lnLargest
        case .latency(let slow, _): slow?.process.lnLargest
        case .scoreDrift(let drift): drift.processes.lazy.map(\.lnLargest).max()
        case .measurement(let pairs): pairs.lnWealth.max()
        case .prometheus: nil
        case .share(let shortfall): shortfall.products.lazy.map(\.lnWealth).max()
        }
    }

    /// The period that carries the evidence; nil while there is none.
    var period: EvidencePeriod? {
        switch self {
        case .errorRate(let process): process?.period
        case .latency(let slow, _): slow?.process.period
        case .scoreDrift(let drift): drift.period
        case .measurement(let pairs):
            pairs.began.map { EvidencePeriod(from: $0, counts: PairedCounts()) }
        case .prometheus(let failures):
            failures.firstFailure.map { EvidencePeriod(from: $0, counts: PairedCounts()) }
        case .share(let shortfall): shortfall.period
        }
    }
}

extension Check {
    /// What defines the null hypothesis: evidence goes on only where this stays the same.
    var key: String {
        switch self {
        case .errorRate(let check): "error_rate +\(check.maxIncrease.savedText)"
        case .latency(let check):
            "latency \(check.quantile) x\(check.maxRatio.savedText)"
                + " <\(check.maxMilliseconds.savedText)"
        case .scoreDrift(let check): "score_drift \(check.maxDistance)"
        case .measurement(let check):
            "measurement \(check.name) \(check.low) \(check.high) \(check.better) \(check.maxHarm)"
        case .prometheus(let check):
            "prometheus \(check.server ?? "") \(check.max.savedText) \(check.min.savedText)"
                + " \(check.query)"
        }
    }

    /// The key of the watch over the share.
    static let shareKey = "share"
}

extension Double? {
    fileprivate var savedText: String { map(\.description) ?? "-" }
}
