import API
import HTTPMessage
import Judgement
import Rollouts
import Synchronization
import TrafficIntake

/// Joins who counts the traffic with the engine, which asks for verdicts, and with the interface,
/// which brings the records in.
final class JudgedTraffic: Sendable {
    let intake: TrafficIntake
    private let forwarder: RecordForwarder
    let now: @Sendable () -> Timestamp
    /// Whose records are to be handed on.
    private let forwards = Mutex<[RolloutName: [Footing.LogForward]]>([:])

    /// - Parameter notice: told of news; must return at once.
    init(
        forwarder: RecordForwarder, now: @escaping @Sendable () -> Timestamp,
        notice: @escaping @Sendable (RolloutName) -> Void
    ) {
        intake = TrafficIntake(notice: notice)
        self.forwarder = forwarder
        self.now = now
    }

    /// The answer to a `prometheus` check; nil: there was none.
    func queried(_ name: RolloutName, check: Int, value: Double?) {
        _ = intake.queried(check: check, value: value, of: name, at: now())
    }

    /// Tells what is no alarm, many rollouts together, until cancelled.
    func run(_ notice: @Sendable ([RolloutName]) -> Void) async {
        while !Task.isCancelled {
            let names = intake.noticesDue()
            if !names.isEmpty { notice(names) }
            do { try await Task.sleep(for: TrafficIntake.tick) } catch { return }
        }
    }
}

extension JudgedTraffic: TelemetryPort {
    func receive(_ body: [UInt8], for name: RolloutName) {
        body.withUnsafeBytes { bytes in _ = intake.receive(bytes, for: name, at: now()) }
        forward(body, of: name)
    }

    func receiver(
        name: Span<UInt8>, secret: Span<UInt8>, answer: PreparedResponse
    ) -> (any BodyReceiver)? {
        intake.inlet(name: name, secret: secret)
            .map { Receiver(traffic: self, inlet: $0, answer: answer) }
    }

    private func forward(_ body: @autoclosure () -> [UInt8], of name: RolloutName) {
        if let others = forwards.withLock({ $0.isEmpty ? nil : $0[name] }) {
            forwarder.put(body(), to: others)
        }
    }

    /// One body on its way to the counts of its rollout.
    private final class Receiver: BodyReceiver {
        private let traffic: JudgedTraffic
        private let inlet: RolloutTraffic
        private let answer: PreparedResponse

        init(traffic: JudgedTraffic, inlet: RolloutTraffic, answer: PreparedResponse) {
            self.traffic = traffic
            self.inlet = inlet
            self.answer = answer
        }

        func receive(_ body: UnsafeRawBufferPointer) -> PreparedResponse {
            _ = inlet.receive(body, at: traffic.now())
            traffic.forward(Array(body), of: inlet.name)
            return answer
        }
    }
}

extension JudgedTraffic: TrafficPort {
    func watch(_ rollout: WatchedRollout, evidence: [UInt8]?) {
        let step = rollout.step
        let after = rollout.policy.after.milliseconds
        // While a share is on its way the canary gets requests already, which are evidence too,
        // unless a time to warm up was asked for.
        let judgesSince =
            step.map { $0.since.advanced(byMilliseconds: after) }
            ?? (after == 0 ? Timestamp(milliseconds: 0) : nil)
        intake.watch(
            WatchedTraffic(
                name: rollout.name, secret: rollout.secret, policy: rollout.policy,
                stable: rollout.stable.targets, canary: rollout.canary.targets,
                addresses: rollout.addresses, expectedShare: rollout.expected,
                step: step.map { WatchedTraffic.Step(share: $0.share, since: $0.since) },
                judgesSince: judgesSince),
            saved: evidence.map { EvidenceDocument.read($0) ?? .lost(restarts: 1) })
        forwards.withLock { forwards in
            forwards[rollout.name] = rollout.forwards.isEmpty ? nil : rollout.forwards
        }
    }

    func forget(_ name: RolloutName) {
        intake.forget(name)
        forwards.withLock { $0[name] = nil }
    }

    func alarm(of name: RolloutName) -> Alarm? { intake.alarm(of: name) }
    func acknowledge(_ name: RolloutName) { intake.acknowledge(name) }
    func lastRecord(of name: RolloutName) -> Timestamp? { intake.lastRecord(of: name) }

    func view(of name: RolloutName, at now: Timestamp, withVerdict: Bool) -> TrafficView? {
        guard let requests = intake.canaryRequests(of: name) else { return nil }
        intake.expectQuestions(about: name, areUrgent: withVerdict)
        var verdict: Verdict? = .inconclusive
        if withVerdict {
            verdict = intake.gate(of: name, at: now)
            if verdict == .inconclusive,
                intake.assessment(of: name, at: now)?.needsApproval == true
            {
                verdict = nil
            }
        }
        return TrafficView(
            observed: intake.observed(name, at: now), canaryRequests: requests,
            verdict: verdict, lastRecord: intake.lastRecord(of: name))
    }

    func evidence(of name: RolloutName) -> [UInt8]? {
        intake.saved(of: name).map(EvidenceDocument.bytes)
    }

    func measured(_ measurements: [Measurement], of name: RolloutName, at now: Timestamp) {
        for one in measurements {
            _ = intake.measured(
                one.metric, isCanary: one.isCanary, value: one.value, of: name, at: now)
        }
    }
}

/// A way for news from who counts to who judges, which is built later.
final class NewsLine: Sendable {
    /// In a structure of its own: a bare function would be wrapped once more each time that it is
    /// handed through the lock.
    private struct Listener {
        let tell: @Sendable (RolloutName) -> Void
    }

    private let listener = Mutex<Listener?>(nil)

    func connect(_ listener: @escaping @Sendable (RolloutName) -> Void) {
        self.listener.withLock { $0 = Listener(tell: listener) }
    }

    /// Before somebody listens there is nothing to hear: records come once the server listens.
    func tell(_ name: RolloutName) { listener.withLock { $0 }?.tell(name) }
}
