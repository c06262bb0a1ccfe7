import Judgement
import Rollouts
import Testing

@testable import TrafficIntake

@Suite struct NoticeTests {
    static let fine = Record.batch([Record(), Record(tries: [Record.canary])])
    static let bad = Record.batch(
        (0..<40).map { _ in Record() }
            + (0..<40).map { _ in Record(status: "500", tries: [Record.canary]) })

    @Test func `what changes no verdict wakes nobody, and is told once at the next tick`() {
        let scene = Scene()
        for millisecond in 0..<50 { scene.receive(Self.fine, after: Int64(millisecond)) }
        #expect(scene.notices == 0)
        #expect(scene.intake.noticesDue() == [Scene.name])
        #expect(scene.intake.noticesDue() == [])
        scene.receive(Self.fine, after: 80)
        #expect(scene.intake.noticesDue() == [Scene.name])
        #expect(scene.notices == 0)
    }

    /// The tick, counted from 1, at which the engine is told.
    private func ticksUntilTold(_ scene: Scene) -> Int? {
        (1...200).first { _ in scene.intake.noticesDue() == [Scene.name] }
    }

    @Test func `where no verdict is waited for the engine is told as often as readers look`() {
        let scene = Scene()
        scene.intake.expectQuestions(about: Scene.name, areUrgent: false)
        for round in 0..<3 {
            scene.receive(Self.fine, after: Int64(round))
            scene.receive(Self.fine, after: Int64(round))
            #expect(ticksUntilTold(scene) == TrafficIntake.quietTicks)
            #expect(ticksUntilTold(scene) == nil)
        }
        // Three seconds and no less, or the engine would not show it.
        #expect(TrafficIntake.tick * TrafficIntake.quietTicks > .seconds(3))
        #expect(scene.notices == 0)
    }

    @Test func `a verdict that is waited for from now on is not held up`() {
        let scene = Scene()
        scene.intake.expectQuestions(about: Scene.name, areUrgent: false)
        scene.receive(Self.fine)
        scene.intake.expectQuestions(about: Scene.name, areUrgent: true)
        scene.receive(Self.fine)
        #expect(ticksUntilTold(scene) == 1)

        let next = Scene()
        next.intake.expectQuestions(about: Scene.name, areUrgent: false)
        next.receive(Self.fine)
        var traffic = Scene.traffic()
        traffic.step?.since = Scene.start.advanced(byMilliseconds: 5)
        next.intake.watch(traffic, saved: nil)
        next.receive(Self.fine)
        #expect(ticksUntilTold(next) == 1)
    }

    @Test func `an alarm is told at once where nobody waits, and again at the next tick`() {
        let scene = Scene()
        scene.intake.expectQuestions(about: Scene.name, areUrgent: false)
        scene.receive(Self.fine)
        scene.receive(Self.bad, after: 1)
        #expect(scene.notices == 1)
        // Had the engine acted upon it, it would have been acknowledged.
        scene.receive(Self.fine, after: 2)
        #expect(ticksUntilTold(scene) == 1)
    }

    @Test func `a new alarm is told at once, and once`() {
        let scene = Scene()
        scene.receive(Self.fine)
        scene.receive(Self.bad, after: 1)
        #expect(scene.intake.alarm(of: Scene.name) != nil)
        #expect(scene.notices == 1)
        scene.receive(Self.bad, after: 2)
        #expect(scene.notices == 1)
        #expect(scene.intake.gate(of: Scene.name, at: Scene.start) == .unhealthy)
    }

    @Test func `a rollout that is forgotten meanwhile does no harm`() {
        let scene = Scene()
        scene.receive(Self.fine)
        scene.intake.forget(Scene.name)
        scene.intake.watch(Scene.traffic(), saved: nil)
        #expect(scene.intake.noticesDue() == [Scene.name])
        scene.receive(Self.fine)
        #expect(scene.intake.noticesDue() == [Scene.name])
    }

    @Test func `an accepted alarm is not told again`() {
        let scene = Scene()
        scene.receive(Self.bad)
        #expect(scene.intake.alarm(of: Scene.name) != nil)
        scene.intake.acknowledge(Scene.name)
        #expect(scene.intake.alarm(of: Scene.name) == nil)
        scene.receive(Self.fine, after: 1)
        #expect(scene.notices == 1)
    }

    @Test func `a pushed value is told like a batch`() {
        var policy = Scene.policy
        policy.checks.append(
            .measurement(.init(name: "accuracy", low: 0, high: 1, better: .higher, maxHarm: 0)))
        let scene = Scene(Scene.traffic(policy: policy))
        for round in 0..<200 {
            let instant = Scene.start.advanced(byMilliseconds: Int64(round))
            #expect(scene.intake.measured("accuracy", isCanary: false, value: 1, of: Scene.name, at: instant))
            #expect(scene.intake.measured("accuracy", isCanary: true, value: 0, of: Scene.name, at: instant))
        }
        #expect(scene.intake.alarm(of: Scene.name)?.metric == .measurement)
        #expect(scene.notices == 1)
    }
}
