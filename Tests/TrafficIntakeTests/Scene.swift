import Judgement
import Rollouts
import Synchronization

@testable import TrafficIntake

/// A rollout that is watched, and what the engine was told of it.
final class Scene: Sendable {
    static let name = RolloutName("fraud-7")!
    static let secret = "0123456789abcdef0123456789abcdef"
    static let start = Timestamp(milliseconds: 1_800_000_000_000)
    static let twenty = TrafficShare(basisPoints: 2000)!

    static let policy = AnalysisPolicy(
        isEnabled: true, alpha: 0.01, after: TimeSpan(seconds: 0)!, onUnhealthy: .abort,
        noData: .hold, noDataAfter: TimeSpan(seconds: 300)!, requirement: .noAlarm,
        minRequests: 300, score: nil,
        checks: [
            .errorRate(.init(maxIncrease: 0.01, max: nil)),
            .latency(.init(quantile: 0.95, maxRatio: 1.25, maxMilliseconds: nil)),
        ])

    static let scored = {
        var scored = policy
        scored.score = .header("x-model-score")
        scored.checks.append(.scoreDrift(.init(maxDistance: 0.1)))
        return scored
    }()

    static func traffic(
        policy: AnalysisPolicy = policy, stable: [String] = ["127.0.0.1:9401"],
        canary: [String] = ["127.0.0.1:9402"], addresses: [String: [String]] = [:],
        judgesSince: Timestamp? = start
    ) -> WatchedTraffic {
        WatchedTraffic(
            name: name, secret: secret, policy: policy,
            stable: stable.map { TargetAddress($0)! }, canary: canary.map { TargetAddress($0)! },
            addresses: addresses, step: .init(share: twenty, since: start),
            judgesSince: judgesSince)
    }

    let intake: TrafficIntake
    private let told: NoticeCount

    init(_ traffic: WatchedTraffic? = Scene.traffic(), saved: SavedEvidence? = nil) {
        let told = NoticeCount()
        self.told = told
        intake = TrafficIntake { _ in told.value.add(1, ordering: .relaxed) }
        if let traffic { intake.watch(traffic, saved: saved) }
    }

    var notices: Int { told.value.load(ordering: .relaxed) }

    @discardableResult
    func receive(_ body: [UInt8], after milliseconds: Int64 = 0) -> Reception {
        body.withUnsafeBytes {
            intake.receive(
                $0, for: Self.name, at: Self.start.advanced(byMilliseconds: milliseconds))
        }
    }

    @discardableResult
    func receive(_ body: String, after milliseconds: Int64 = 0) -> Reception {
        receive(Array(body.utf8), after: milliseconds)
    }

    func play(_ recording: Recording) {
        for post in recording.posts { receive(post.body, after: post.receivedAt) }
    }

    var counts: IntakeCounts { intake.counts(of: Self.name) ?? IntakeCounts() }

    /// What was judged in the step.
    var step: Tally { intake.assessment(of: Self.name, at: Self.start)?.step.tally ?? Tally() }
}

private final class NoticeCount: Sendable {
    let value = Atomic(0)
}

/// The text of a log record.
struct Record {
    var id: String?
    var status = "200"
    var upstream: String?
    var target: String?
    var tries = [Record.stable]
    var proxy = "5"
    var score: String?

    static let stable = #"{"ip":"127.0.0.1","port":9401}"#
    static let canary = #"{"ip":"127.0.0.1","port":9402}"#

    static func failed(_ attempt: String) -> String {
        attempt.dropLast() + #","state":"failed","code":502}"#
    }

    var text: String {
        var members = [
            #""response":{"status":\#(status),"size":300}"#, #""latencies":{"proxy":\#(proxy)}"#,
            #""tries":[\#(tries.joined(separator: ","))]"#,
        ]
        if let id { members.append(#""request":{"id":"\#(id)","uri":"/predict"}"#) }
        if let upstream { members.append(#""upstream_status":"\#(upstream)""#) }
        if let target { members.append(#""target":"\#(target)""#) }
        if let score { members.append(#""score":\#(score)"#) }
        return "{" + members.joined(separator: ",") + "}"
    }

    static func batch(_ records: [Record]) -> String {
        "[" + records.map(\.text).joined(separator: ",") + "]"
    }
}
