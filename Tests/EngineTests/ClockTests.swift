import Rollouts
import Testing

@testable import Engine

@Suite struct ClockTests {
    @Test func `a hold's time begins with the confirmation and leaves by itself`() async throws {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(hold: Hold(time: TimeSpan(seconds: 60)!)))
        world.clock.advance(seconds: 600)
        await world.confirm()
        #expect(world.rollout.phase.name == .holding)
        world.clock.advance(seconds: 59)
        await world.engine.look(at: EngineWorld.name)
        #expect(world.rollout.phase.name == .holding)
        world.clock.advance(seconds: 1)
        await world.engine.look(at: EngineWorld.name)
        #expect(world.rollout.phase == .shifting(.planned(1), held: 0))
    }

    @Test func `a hold of nothing moves on once confirmed`() async throws {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(hold: Hold()))
        await world.confirm()
        #expect(world.rollout.phase == .shifting(.planned(1), held: 0))
    }

    @Test func `a hold is left only while the share is confirmed and Kong answers`() async throws {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(hold: Hold(time: TimeSpan(seconds: 60)!)))
        await world.confirm()
        world.clock.advance(seconds: 61)
        _ = await world.engine.took(
            GatewayReport(
                rollout: EngineWorld.name, epoch: world.rollout.epoch, finding: .looked,
                view: EngineWorld.view(isReachable: false)))
        await world.engine.look(at: EngineWorld.name)
        #expect(world.rollout.phase.name == .holding)
        await world.confirm()
        #expect(world.rollout.phase.name == .shifting)
    }

    @Test func `requests and verdicts are met only by a step while nothing is measured`() async throws {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(hold: Hold(requests: 1, healthy: true)))
        await world.confirm()
        await world.engine.look(at: EngineWorld.name)
        #expect(
            world.rollout.waitingFor(at: world.clock.now, isReachable: true)
                == [.requests, .verdict])
        _ = try await world.perform(.step(.next))
        #expect(world.rollout.phase.name == .shifting)
    }

    @Test func `the progress deadline pauses, and the time without Kong does not count`() async throws {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(deadline: TimeSpan(seconds: 60)!))
        world.clock.advance(seconds: 30)
        _ = await world.engine.took(
            GatewayReport(
                rollout: EngineWorld.name, epoch: world.rollout.epoch, finding: .looked,
                view: EngineWorld.view(isReachable: false)))
        world.clock.advance(seconds: 600)
        await world.report(.looked)
        await world.engine.look(at: EngineWorld.name)
        #expect(world.rollout.phase.name == .shifting)
        world.clock.advance(seconds: 30)
        await world.engine.look(at: EngineWorld.name)
        #expect(world.rollout.phase.cause?.reason == .deadlineExceeded)
        #expect(
            world.engine.state(of: EngineWorld.name)?.view.condition(.progressing)?.status == .bad)
    }

    @Test func `an abort past its deadline goes on and says so`() async throws {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(deadline: TimeSpan(seconds: 60)!))
        _ = try await world.perform(.abort(EngineWorld.cause()))
        world.clock.advance(seconds: 61)
        await world.engine.look(at: EngineWorld.name)
        #expect(world.rollout.phase.name == .aborting)
        #expect(
            world.engine.state(of: EngineWorld.name)?.view.condition(.progressing)?.reason
                == "DeadlineExceeded")
        await world.confirm()
        #expect(world.rollout.phase.name == .aborted)
    }

    @Test func `deadlines come due in order and once`() {
        var deadlines = Deadlines()
        let names = ["a", "b", "c"].map { RolloutName($0)! }
        deadlines.add(names[0], due: Timestamp(milliseconds: 30))
        deadlines.add(names[1], due: Timestamp(milliseconds: 10))
        deadlines.add(names[1], due: Timestamp(milliseconds: 20))
        deadlines.add(names[0], due: Timestamp(milliseconds: 5))
        #expect(deadlines.next == Timestamp(milliseconds: 5))
        #expect(deadlines.popDue(at: Timestamp(milliseconds: 4)) == nil)
        #expect(deadlines.popDue(at: Timestamp(milliseconds: 40)) == names[0])
        #expect(deadlines.popDue(at: Timestamp(milliseconds: 40)) == names[1])
        #expect(deadlines.popDue(at: Timestamp(milliseconds: 40)) == nil)
    }
}
