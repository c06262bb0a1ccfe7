import Rollouts
import Synchronization

/// A counter of traffic that says what the test wrote down, and remembers what it was told.
final class ScriptedTraffic: TrafficPort {
    struct Script {
        var watched: [RolloutName: WatchedRollout] = [:]
        var restored: [RolloutName: [UInt8]] = [:]
        var alarms: [RolloutName: Alarm] = [:]
        var view = TrafficView(
            observed: nil, canaryRequests: 0, verdict: .inconclusive, lastRecord: nil)
        var lastRecord: Timestamp?
        var measurements: [Measurement] = []
        var evidence = Array(#"{"blocks":7}"#.utf8)
    }

    let script = Mutex(Script())

    func watch(_ rollout: WatchedRollout, evidence: [UInt8]?) {
        script.withLock { script in
            script.watched[rollout.name] = rollout
            if let evidence { script.restored[rollout.name] = evidence }
        }
    }
    func forget(_ name: RolloutName) { script.withLock { $0.watched[name] = nil } }
    func alarm(of name: RolloutName) -> Alarm? { script.withLock { $0.alarms[name] } }
    func acknowledge(_ name: RolloutName) { script.withLock { $0.alarms[name] = nil } }
    func view(of name: RolloutName, at now: Timestamp, withVerdict: Bool) -> TrafficView? {
        script.withLock { script in
            guard script.watched[name] != nil else { return nil }
            var view = script.view
            if !withVerdict { view.verdict = .inconclusive }
            return view
        }
    }
    func lastRecord(of name: RolloutName) -> Timestamp? { script.withLock { $0.lastRecord } }
    func evidence(of name: RolloutName) -> [UInt8]? { script.withLock { $0.evidence } }
    func measured(_ measurements: [Measurement], of name: RolloutName, at now: Timestamp) {
        script.withLock { $0.measurements += measurements }
    }

    var watched: WatchedRollout? { script.withLock { $0.watched.values.first } }

    static func alarm(at now: Timestamp) -> Alarm {
        Alarm(
            check: "error_rate", metric: .errorRate, limit: "max_increase", threshold: 0.01,
            canary: 0.312, stable: 0.004, canaryCount: 109, stableCount: 480, evidence: 1240,
            evidenceNeeded: 300, from: now, to: now)
    }
}
