import Rollouts

/// Answers of a Prometheus query against its limits. Carries no guarantee against false alarms.
struct QueryFailures: Hashable, Sendable {
    let query: Check.Query
    /// Answers that held a number.
    private(set) var answers = 0
    /// Answers beyond a limit.
    private(set) var failures = 0
    private(set) var last: Double?
    private(set) var firstFailure: Timestamp?

    init(_ query: Check.Query) { self.query = query }

    init?(_ query: Check.Query, saved reader: inout NumberReader) {
        self.init(query)
        guard let answers = reader.count(), let failures = reader.count(),
            let firstFailure = reader.instant()
        else { return nil }
        self.answers = answers
        self.failures = failures
        self.firstFailure = firstFailure
    }

    var savedNumbers: [Double] {
        [Double(answers), Double(failures), firstFailure.savedNumber]
    }

    /// - Parameter value: nil or not a number: no answer, which is neither good nor bad.
    mutating func count(_ value: Double?, at instant: Timestamp) {
        last = value
        guard let value, value == value else { return }
        answers += 1
        let isFailure =
            (query.max.map { value > $0 } ?? false) || (query.min.map { value < $0 } ?? false)
        guard isFailure else { return }
        failures += 1
        if firstFailure == nil { firstFailure = instant }
    }

    var isExceeded: Bool { failures > query.failureLimit }
}
