import Judgement
import Rollouts
import Testing

@testable import TrafficIntake

@Suite struct NoticeTests {
    static let fine = Record.batch([Record(), Record(tries: [Record.canary])])
    static let bad = Record.batch(
        (0..<40).map { _ in Record() }
            + (0..<40).map { _ in Record(status: "500", tries: [Record.canary]) })

    @Test func `the first batch of a burst is told, the rest is owed`() {
        let scene = Scene()
        for millisecond in 0..<50 { scene.receive(Self.fine, after: Int64(millisecond)) }
        #expect(scene.notices == 1)
        #expect(scene.intake.noticesOwed(at: Scene.start.advanced(byMilliseconds: 60)) == [Scene.name])
        #expect(scene.intake.noticesOwed(at: Scene.start.advanced(byMilliseconds: 60)) == [])
        scene.receive(Self.fine, after: 80)
        #expect(scene.notices == 1)
        scene.receive(Self.fine, after: 111)
        #expect(scene.notices == 2)
        #expect(scene.intake.noticesOwed(at: Scene.start.advanced(byMilliseconds: 120)) == [])
    }

    @Test func `a new alarm is told at once, and once`() {
        let scene = Scene()
        scene.receive(Self.fine)
        scene.receive(Self.bad, after: 1)
        #expect(scene.intake.alarm(of: Scene.name) != nil)
        #expect(scene.notices == 2)
        scene.receive(Self.bad, after: 2)
        #expect(scene.notices == 2)
        #expect(scene.intake.gate(of: Scene.name, at: Scene.start) == .unhealthy)
    }

    @Test func `a clock that was set back delays no notice`() {
        let scene = Scene()
        scene.receive(Self.fine, after: 1_000_000)
        scene.receive(Self.fine, after: 0)
        #expect(scene.notices == 2)
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
        #expect((4...6).contains(scene.notices))
    }
}
