import Judgement
import Rollouts
import TrafficIntake

/// Recorded batches on their way through the same intake and the same trial as posted ones.
struct ReplayedTraffic {
    private let policy: AnalysisPolicy
    private let share: TrafficShare?
    private var stable: [TargetAddress]?
    private var canary: [TargetAddress]?
    private var name: RolloutName?
    private let intake = TrafficIntake(notice: { _ in })
    /// Of all files: each begins where the one before ended.
    private var began: Int64 = 0
    private var latest: Int64 = 0

    /// - Parameter share: what Kong was told; nil: not known.
    init(
        policy: AnalysisPolicy, stable: [TargetAddress]?, canary: [TargetAddress]?,
        share: TrafficShare?
    ) {
        self.policy = policy
        self.share = share
        self.stable = stable
        self.canary = canary
    }

    /// Milliseconds since the recording began.
    var elapsed: Int64 { latest }

    var alarm: Alarm? { name.flatMap(intake.alarm) }

    var assessment: Assessment? {
        name.flatMap { intake.assessment(of: $0, at: Timestamp(milliseconds: latest)) }
    }

    /// What a person should know of records that were not counted; empty: nothing.
    var remark: String {
        guard let name, let counts = intake.counts(of: name) else { return "" }
        var parts: [String] = []
        if counts.malformed > 0 { parts.append("\(counts.malformed) malformed") }
        if counts.duplicates > 0 { parts.append("\(counts.duplicates) repeated") }
        if counts.foreign > 0 {
            parts.append("\(counts.foreign) attempts on targets of neither version")
        }
        return parts.isEmpty ? "" : "not counted: " + parts.joined(separator: ", ")
    }

    mutating func take(_ batch: RecordedBatch) throws(RecordingFault) {
        if stable == nil { stable = try Self.addresses(batch.stable) }
        if canary == nil { canary = try Self.addresses(batch.canary) }
        if let received = batch.receivedMilliseconds {
            if received + began < latest { began = latest }
            latest = began + received
        }
        guard let body = batch.body else { return }
        let name = try watch()
        body.withUnsafeBytes { bytes in
            _ = intake.receive(bytes, for: name, at: Timestamp(milliseconds: latest))
        }
    }

    /// The first body needs the versions.
    private mutating func watch() throws(RecordingFault) -> RolloutName {
        if let name { return name }
        guard let stable, let canary, !stable.isEmpty, !canary.isEmpty else {
            throw RecordingFault(
                detail: "comes before the versions are known: give --stable HOST:PORT and "
                    + "--canary HOST:PORT")
        }
        guard let name = RolloutName("replay") else {
            throw RecordingFault(detail: "cannot be judged")
        }
        let start = Timestamp(milliseconds: latest)
        intake.watch(
            WatchedTraffic(
                name: name, secret: "replay", policy: policy, stable: stable, canary: canary,
                expectedShare: share,
                step: WatchedTraffic.Step(share: share ?? .none, since: start),
                judgesSince: start.advanced(byMilliseconds: policy.after.milliseconds)),
            saved: nil)
        self.name = name
        return name
    }

    private static func addresses(
        _ texts: [String]?
    ) throws(RecordingFault) -> [TargetAddress]? {
        guard let texts else { return nil }
        var addresses: [TargetAddress] = []
        for text in texts {
            guard let address = TargetAddress(text) else {
                throw RecordingFault(detail: "names \"\(text)\", which is not HOST:PORT")
            }
            addresses.append(address)
        }
        return addresses
    }
}
