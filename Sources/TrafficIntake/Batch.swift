internal import CSimdjson
internal import Judgement

/// One body of log records while it is read: what it adds to a rollout's counts.
struct Batch {
    private let traffic: RolloutTraffic
    private let receivedAt: Int64
    private(set) var block = TrafficBlock()
    /// Records read, repeated ones among them.
    private(set) var records = 0
    private(set) var repeated = 0
    private(set) var learned: [LogAddress: Owner] = [:]

    /// Records that were not counted before.
    var counted: Int { records - repeated }

    /// Addresses that one batch may add to those known.
    static let mostLearned = 64

    /// - Parameter receivedAt: Milliseconds.
    init(for traffic: RolloutTraffic, receivedAt: Int64) {
        self.traffic = traffic
        self.receivedAt = receivedAt
    }

    /// Counts records that were not counted before. Every entry of `tries` is an attempt on its
    /// target, never counted once for a request: a request that is tried on both versions would
    /// bear on the smaller one more than on the larger.
    mutating func count(
        _ records: UnsafeBufferPointer<CSJRecord>, _ attempts: UnsafePointer<CSJAttempt>
    ) {
        let (owners, isRepeated) = traffic.admit(records, at: receivedAt)
        self.records += records.count
        if block.stable.latencies.isEmpty { block.stable.latencies.reserveCapacity(records.count) }
        if block.canary.latencies.isEmpty { block.canary.latencies.reserveCapacity(records.count) }
        if owners.hasHostNames { learn(from: records, attempts, knowing: owners) }
        for (place, record) in records.enumerated() {
            if isRepeated[place] {
                repeated += 1
            } else {
                count(record, attempts + Int(record.first_attempt), by: owners)
            }
        }
    }

    private mutating func count(
        _ record: CSJRecord, _ attempts: UnsafePointer<CSJAttempt>, by owners: Owners
    ) {
        let last = Int(record.attempt_count) - 1
        guard last >= 0 else { return }
        for place in 0..<last {
            let owner = owner(of: attempts[place], by: owners)
            count(owner, isFirst: place == 0, hasFailed: true, record)
        }
        let owner =
            record.target.length > 0
            ? owners.owner(ofTarget: record.target) : owner(of: attempts[last], by: owners)
        // Where Kong answers something else than the model did, the worse of the two counts.
        let hasFailed =
            record.status >= 500 || record.upstream_status >= 500 || attempts[last].failed
        count(owner, isFirst: last == 0, hasFailed: hasFailed, record)
    }

    private func owner(of attempt: CSJAttempt, by owners: Owners) -> Owner? {
        if let owner = owners.owner(of: attempt) { return owner }
        guard !learned.isEmpty, let address = LogAddress(attempt) else { return nil }
        return learned[address]
    }

    private mutating func count(
        _ owner: Owner?, isFirst: Bool, hasFailed: Bool, _ record: CSJRecord
    ) {
        switch owner {
        case .stable: block.stable.count(isFirst: isFirst, hasFailed: hasFailed, record)
        case .canary: block.canary.count(isFirst: isFirst, hasFailed: hasFailed, record)
        case .both, nil: block.foreign += 1
        }
    }

    /// Records that name the last try's target tell which addresses a host name has; without
    /// them an earlier, failed try on the same address would be nobody's.
    private mutating func learn(
        from records: UnsafeBufferPointer<CSJRecord>, _ attempts: UnsafePointer<CSJAttempt>,
        knowing owners: Owners
    ) {
        for record in records where record.target.length > 0 && record.attempt_count > 0 {
            let last = attempts[Int(record.first_attempt + record.attempt_count) - 1]
            guard let owner = owners.owner(ofTarget: record.target) else { continue }
            let known = owners.owner(of: last)
            guard known != owner, known != .both, learned.count < Self.mostLearned,
                let address = LogAddress(last)
            else { continue }
            let before = learned[address] ?? known ?? owner
            learned[address] = before.joined(with: owner)
        }
    }
}

extension VersionSample {
    fileprivate mutating func count(isFirst: Bool, hasFailed: Bool, _ record: CSJRecord) {
        attempts += 1
        if isFirst { firstTries += 1 }
        guard !hasFailed else {
            failures += 1
            if record.status < 500 { hiddenFailures += 1 }
            return
        }
        if record.latency >= 0 { latencies.append(record.latency) }
        if record.score.isFinite { scores.append(record.score) }
    }
}
