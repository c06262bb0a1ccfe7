import Judgement
import Rollouts
import Testing

@testable import TrafficIntake

@Suite struct IntakeTests {
    static let one = Record.batch([Record(), Record(tries: [Record.canary])])

    @Test func `what nobody watches is unknown`() {
        let scene = Scene(nil)
        #expect(scene.receive(Self.one) == .unknown)
        #expect(scene.intake.gate(of: Scene.name, at: Scene.start) == nil)
        #expect(scene.intake.observed(Scene.name, at: Scene.start) == nil)
        #expect(!scene.intake.measured("a", isCanary: true, value: 1, of: Scene.name, at: Scene.start))
        #expect(!scene.intake.queried(check: 0, value: 1, of: Scene.name, at: Scene.start))
        #expect(scene.notices == 0)
    }

    @Test func `after the end nothing is counted, and what was stays to be read`() {
        let scene = Scene()
        scene.receive(Self.one)
        var traffic = Scene.traffic()
        traffic.isEnded = true
        scene.intake.watch(traffic, saved: nil)
        #expect(scene.receive(Self.one, after: 1000) == .ended)
        #expect(scene.counts.records == 2)
        #expect(scene.step.canary.attempts == 1)
        scene.intake.forget(Scene.name)
        #expect(scene.receive(Self.one) == .unknown)
        #expect(scene.intake.counts.records == 2)
    }

    @Test func `another secret is another rollout of that name`() {
        let scene = Scene()
        scene.receive(Self.one)
        var traffic = Scene.traffic()
        traffic.secret = "ffffffffffffffffffffffffffffffff"
        scene.intake.watch(traffic, saved: nil)
        #expect(scene.step.canary.attempts == 0)
    }

    @Test func `watching the same again changes nothing`() {
        let scene = Scene()
        scene.receive(Self.one)
        for _ in 0..<3 { scene.intake.watch(Scene.traffic(), saved: nil) }
        #expect(scene.step.canary.attempts == 1)
        #expect(scene.counts.records == 2)
    }

    @Test func `records before the share is confirmed count for the observed share alone`() {
        let scene = Scene(Scene.traffic(judgesSince: nil))
        scene.receive(Self.one)
        scene.intake.watch(
            Scene.traffic(judgesSince: Scene.start.advanced(byMilliseconds: 500)), saved: nil)
        scene.receive(Self.one, after: 499)
        #expect(scene.step.canary.attempts == 0)
        scene.receive(Self.one, after: 500)
        #expect(scene.step.canary.attempts == 1)
        let observed = scene.intake.observed(Scene.name, at: Scene.start.advanced(byMilliseconds: 900))
        #expect(observed?.requests == 6)
        #expect(observed?.share == 0.5)
        #expect(observed?.windowSeconds == 60)
        #expect(scene.intake.lastRecord(of: Scene.name) == Scene.start.advanced(byMilliseconds: 500))
    }

    @Test func `the observed share is of the last minute`() {
        let scene = Scene()
        scene.receive(Record(tries: [Record.canary]).text)
        scene.receive(Record().text, after: 30_000)
        func share(_ milliseconds: Int64) -> Double? {
            scene.intake.observed(Scene.name, at: Scene.start.advanced(byMilliseconds: milliseconds))?.share
        }
        #expect(share(30_000) == 0.5)
        #expect(share(75_000) == 0)
        #expect(share(120_000) == nil)
    }

    @Test func `a new step begins with both versions at nothing`() {
        let scene = Scene()
        scene.receive(Self.one)
        var next = Scene.traffic(judgesSince: nil)
        next.step = .init(share: TrafficShare(basisPoints: 5000)!, since: Scene.start.advanced(byMilliseconds: 5000))
        scene.intake.watch(next, saved: nil)
        #expect(scene.step.stable.attempts == 0)
        #expect(scene.step.canary.attempts == 0)
        scene.receive(Self.one, after: 5100)
        next.judgesSince = Scene.start.advanced(byMilliseconds: 5200)
        scene.intake.watch(next, saved: nil)
        scene.receive(Self.one, after: 5300)
        #expect(scene.step.stable.attempts == 1)
        #expect(scene.intake.assessment(of: Scene.name, at: Scene.start)?.step.began == next.judgesSince)
        #expect(scene.intake.canaryRequests(of: Scene.name) == 1)
    }

    @Test func `a share that was confirmed again goes on where it was`() {
        let scene = Scene()
        scene.receive(Self.one)
        scene.intake.watch(Scene.traffic(judgesSince: nil), saved: nil)
        scene.receive(Self.one, after: 100)
        scene.intake.watch(Scene.traffic(judgesSince: Scene.start.advanced(byMilliseconds: 200)), saved: nil)
        scene.receive(Self.one, after: 300)
        #expect(scene.step.canary.attempts == 2)
    }

    @Test func `without a confirmed share nothing is healthy`() {
        let scene = Scene()
        let batch = Record.batch(
            (0..<400).flatMap { _ in [Record(), Record(tries: [Record.canary])] })
        for second in 0..<10 { scene.receive(batch, after: Int64(second) * 1000) }
        let later = Scene.start.advanced(byMilliseconds: 20_000)
        #expect(scene.intake.gate(of: Scene.name, at: later) == .healthy)
        scene.intake.watch(Scene.traffic(judgesSince: nil), saved: nil)
        #expect(scene.intake.gate(of: Scene.name, at: later) == .inconclusive)
    }

    @Test func `what was saved goes on after a restart`() {
        let scene = Scene()
        let bad = Record.batch(
            (0..<100).map { place in
                Record(
                    status: place % 2 == 0 ? "200" : "500",
                    tries: [place % 4 < 2 ? Record.stable : Record.canary])
            })
        scene.receive(bad)
        let restarted = Scene(saved: scene.intake.saved(of: Scene.name))
        #expect(restarted.step.canary.attempts == scene.step.canary.attempts)
        #expect(restarted.intake.saved(of: Scene.name) == scene.intake.saved(of: Scene.name))
    }

    @Test func `before its first record a rollout has only what was saved`() {
        let fresh = Scene()
        #expect(fresh.intake.alarm(of: Scene.name) == nil)
        #expect(fresh.intake.lastRecord(of: Scene.name) == nil)
        #expect(fresh.intake.canaryRequests(of: Scene.name) == 0)
        fresh.receive(NoticeTests.bad)
        #expect(fresh.intake.lastRecord(of: Scene.name) == Scene.start)
        let alarm = fresh.intake.alarm(of: Scene.name)
        #expect(alarm != nil)
        let restarted = Scene(saved: fresh.intake.saved(of: Scene.name))
        #expect(restarted.intake.alarm(of: Scene.name) == alarm)
        #expect(restarted.notices == 0)
    }

    @Test func `what is told anew before the first record holds for it`() {
        let scene = Scene(Scene.traffic(canary: ["127.0.0.1:1"]))
        scene.intake.watch(Scene.traffic(), saved: nil)
        scene.receive(Self.one)
        #expect(scene.step.canary.attempts == 1)
    }

    @Test func `batches on many threads are counted like one after the other`() async {
        let scene = Scene()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<50 {
                        let records = (0..<20).map { place in
                            Record(
                                id: "\(task)-\(round)-\(place)",
                                tries: [place < 4 ? Record.canary : Record.stable])
                        }
                        scene.receive(Record.batch(records), after: Int64(round))
                        scene.receive(Record.batch(records), after: Int64(round))
                    }
                }
            }
        }
        #expect(scene.counts.records == 8000)
        #expect(scene.counts.duplicates == 8000)
        #expect(scene.step.canary.attempts == 1600)
        #expect(scene.step.stable.attempts == 6400)
    }

    @Test func `a malformed body tells nobody anything`() {
        let scene = Scene()
        scene.receive("{")
        #expect(scene.notices == 0)
        #expect(scene.intake.lastRecord(of: Scene.name) == nil)
        #expect(scene.counts.batches == 1)
        #expect(scene.counts.malformed == 1)
    }

    @Test func `a body beyond the limit is malformed as a whole`() {
        let scene = Scene()
        let body = [UInt8](repeating: UInt8(ascii: " "), count: TrafficIntake.bodyLimit + 1)
        #expect(scene.receive(body) == .counted(0))
        #expect(scene.counts.malformed == 1)
    }
}
