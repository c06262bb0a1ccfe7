import Ledger
import Rollouts
import Synchronization
import Testing

@testable import Engine

@Suite struct JudgingTests {
    static func policy(
        _ reaction: AnalysisPolicy.Reaction = .abort,
        silence: AnalysisPolicy.Silence = .hold
    ) -> AnalysisPolicy {
        var policy = AnalysisPolicy.standard
        policy.onUnhealthy = reaction
        policy.noData = silence
        return policy
    }

    /// A rollout that holds its first step, with an alarm ready to be told.
    static func alarmed(_ policy: AnalysisPolicy) async throws -> EngineWorld {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(analysis: policy))
        await world.confirm()
        world.traffic.script.withLock {
            $0.alarms[EngineWorld.name] = ScriptedTraffic.alarm(at: world.clock.now)
        }
        return world
    }

    @Test func `an alarm aborts, and says with every figure why`() async throws {
        let world = try await Self.alarmed(Self.policy())
        await world.engine.judge(EngineWorld.name)
        #expect(world.rollout.phase.name == .aborting)
        let cause = try #require(world.rollout.phase.cause)
        #expect(cause.by == "judge")
        #expect(cause.reason == .unhealthy)
        #expect(cause.alarm == ScriptedTraffic.alarm(at: world.clock.now))
        #expect(cause.message.contains("31.2 % (109 counted), stable's 0.4 % (480 counted)"))
        #expect(cause.message.contains("max_increase is 1 %; evidence 1240 of 300 needed"))
        #expect(world.gateway.woken.last == "fraud-v7!")
    }

    @Test func `an alarm that may only pause is not told again after a person resumed`() async throws {
        let world = try await Self.alarmed(Self.policy(.pause))
        await world.engine.judge(EngineWorld.name)
        #expect(world.rollout.phase.name == .paused)
        _ = try await world.perform(.resume)
        await world.engine.judge(EngineWorld.name)
        #expect(world.rollout.phase.name == .holding)
    }

    @Test func `an alarm that is only reported stays in history`() async throws {
        let world = try await Self.alarmed(Self.policy(.report))
        await world.engine.judge(EngineWorld.name)
        #expect(world.rollout.phase.name == .holding)
        let events = world.engine.history(of: EngineWorld.name, after: 0, limit: 100).events
        #expect(events.last?.type == .judged)
        #expect(events.last?.data.cause?.alarm?.canaryCount == 109)
    }

    @Test func `an abort that could not be saved is tried again`() async throws {
        let world = try await Self.alarmed(Self.policy())
        world.ledger.failure.withLock { $0 = .full }
        await world.engine.judge(EngineWorld.name)
        #expect(world.rollout.phase.name == .holding)
        world.ledger.failure.withLock { $0 = nil }
        await world.engine.look(at: EngineWorld.name)
        #expect(world.rollout.phase.name == .aborting)
    }

    @Test func `a gate opens on a healthy verdict and enough requests`() async throws {
        let world = try await EngineWorld()
        try await world.begun(
            EngineWorld.plan(hold: Hold(requests: 1000, healthy: true), analysis: Self.policy()))
        await world.confirm()
        func show(_ requests: Int, _ verdict: Verdict) async {
            world.traffic.script.withLock {
                $0.view.canaryRequests = requests
                $0.view.verdict = verdict
            }
            await world.engine.judge(EngineWorld.name)
        }
        await show(999, .healthy)
        #expect(world.engine.state(of: EngineWorld.name)?.waiting == [.requests])
        await show(1000, .inconclusive)
        #expect(world.engine.state(of: EngineWorld.name)?.waiting == [.verdict])
        await show(1000, .healthy)
        #expect(world.rollout.phase == .shifting(.planned(1), held: 0))
    }

    @Test func `where nothing can be compared a verdict gate asks a person`() async throws {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(hold: Hold(healthy: true), analysis: Self.policy()))
        await world.confirm()
        world.traffic.script.withLock { $0.view.verdict = nil }
        await world.engine.judge(EngineWorld.name)
        #expect(world.engine.state(of: EngineWorld.name)?.waiting == [.approval])
    }

    @Test func `silence is only told, pauses, or aborts`() async throws {
        for (silence, phase) in [
            (AnalysisPolicy.Silence.hold, Phase.Name.holding), (.pause, .paused), (.abort, .aborting),
        ] {
            let world = try await EngineWorld()
            try await world.begun(EngineWorld.plan(analysis: Self.policy(silence: silence)))
            await world.confirm()
            world.clock.advance(seconds: 200)
            world.traffic.script.withLock { $0.lastRecord = world.clock.now }
            world.clock.advance(seconds: 299)
            await world.engine.look(at: EngineWorld.name)
            #expect(world.rollout.phase.name == .holding)
            world.clock.advance(seconds: 1)
            await world.engine.look(at: EngineWorld.name)
            #expect(world.rollout.phase.name == phase)
            let state = world.engine.state(of: EngineWorld.name)
            #expect(state?.view.condition(.telemetryArriving)?.status == .bad)
        }
    }

    @Test func `a step is watched from its confirmation on, through a pause`() async throws {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(analysis: Self.policy()))
        #expect(world.traffic.watched?.step == nil)
        await world.confirm()
        let confirmed = world.clock.now
        let share = TrafficShare(basisPoints: 500)!
        #expect(world.traffic.watched?.step == .init(share: share, since: confirmed))
        world.clock.advance(seconds: 5)
        _ = try await world.perform(.pause(EngineWorld.cause()))
        _ = try await world.perform(.resume)
        #expect(world.traffic.watched?.step == .init(share: share, since: confirmed))
        _ = try await world.perform(.step(.next))
        #expect(world.traffic.watched?.step == nil)
    }

    @Test func `evidence and pushed values come back after a restart`() async throws {
        let ledger = FailingLedger(InMemoryLedger(now: Timestamp(milliseconds: 0)))
        let world = try await EngineWorld(ledger: ledger)
        try await world.begun(EngineWorld.plan(analysis: Self.policy()))
        await world.confirm()
        await world.engine.judge(EngineWorld.name)
        _ = try await world.perform(.step(.next))
        await world.engine.look(at: EngineWorld.name)
        let pushed = Measurement(metric: "accuracy", isCanary: true, value: 0.25)
        _ = try await world.engine.measured([pushed], of: EngineWorld.name, EngineWorld.terms)
        #expect(world.traffic.script.withLock { $0.measurements } == [pushed])

        let again = try await EngineWorld(ledger: ledger, clock: world.clock)
        let restored = again.traffic.script.withLock { $0.restored[EngineWorld.name] }
        #expect(restored.map { String(decoding: $0, as: UTF8.self) } == #"{"blocks":7}"#)
        #expect(again.traffic.script.withLock { $0.measurements } == [pushed])
    }

    @Test func `a step keeps what was counted before the engine heard of it`() async throws {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(analysis: Self.policy()))
        await world.confirm()
        world.traffic.script.withLock { $0.lastRecord = world.clock.now }
        world.clock.advance(seconds: 1)
        _ = try await world.perform(.step(.next))
        await world.engine.look(at: EngineWorld.name)
        let saved = world.ledger.saved.withLock { $0 }
        #expect(saved.last?.key == "evidence/fraud-v7")
        await world.confirm()
        _ = try await world.perform(.step(.next))
        await world.engine.look(at: EngineWorld.name)
        // Nothing came since.
        #expect(world.ledger.saved.withLock { $0.count { $0.key == "evidence/fraud-v7" } } == 1)
    }

    @Test func `a stop in good order keeps what was counted last`() async throws {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(analysis: Self.policy()))
        await world.confirm()
        await world.engine.judge(EngineWorld.name)
        await world.engine.saveAllEvidence()
        let saved = world.ledger.saved.withLock { $0 }
        #expect(saved.last?.key == "evidence/fraud-v7")
        await world.engine.saveAllEvidence()
        #expect(world.ledger.saved.withLock { $0.count } == saved.count)
    }

    @Test func `a value that could not be saved is not counted`() async throws {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(analysis: Self.policy()))
        world.ledger.failure.withLock { $0 = .full }
        let pushed = Measurement(metric: "accuracy", isCanary: true, value: 0.25)
        await #expect(throws: CommandError.self) {
            try await world.engine.measured([pushed], of: EngineWorld.name, EngineWorld.terms)
        }
        #expect(world.traffic.script.withLock { $0.measurements }.isEmpty)
    }

    @Test func `what is not analysed is neither watched nor given a secret`() async throws {
        let world = try await EngineWorld()
        try await world.begun()
        await world.confirm()
        #expect(world.traffic.watched == nil)
        #expect(world.rollout.telemetrySecret == nil)
        let woken = world.gateway.woken.count
        _ = try await world.engine.amend(
            EngineWorld.name, Amendment(analysis: Self.policy()), EngineWorld.terms)
        #expect(world.traffic.watched != nil)
        #expect(world.rollout.telemetrySecret?.count == 32)
        // Kong has to be told where to post records.
        #expect(world.gateway.woken.count == woken + 1)
    }

    @Test func `an ended rollout is no longer watched, and its evidence is let go`() async throws {
        let world = try await EngineWorld()
        try await world.begun(EngineWorld.plan(analysis: Self.policy()))
        await world.confirm()
        await world.engine.judge(EngineWorld.name)
        _ = try await world.perform(.step(.next))
        await world.engine.look(at: EngineWorld.name)
        #expect(world.ledger.saved.withLock { $0.last?.key } == "evidence/fraud-v7")
        _ = try await world.perform(.abort(EngineWorld.cause()))
        await world.confirm()
        #expect(world.rollout.phase.name == .aborted)
        #expect(world.traffic.watched == nil)
        await world.engine.look(at: EngineWorld.name)
        let last = world.ledger.saved.withLock { $0.last }
        #expect(last?.key == "evidence/fraud-v7")
        #expect(last?.document == nil)
    }
}

extension RolloutState {
    var waiting: [Waiting] {
        rollout.waitingFor(at: rollout.updatedAt, isReachable: true, traffic: traffic)
    }
}
