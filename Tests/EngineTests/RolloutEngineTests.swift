import Ledger
import Rollouts
import Synchronization
import Testing

@testable import Engine

@Suite struct RolloutEngineTests {
    @Test func `a rollout climbs by facts and commands to promotion`() async throws {
        let world = try await EngineWorld()
        try await world.begun()
        #expect(world.rollout.phase == .shifting(.planned(0), held: 0))
        for share in [500, 2000, 10_000] {
            #expect(world.rollout.wantedShare.basisPoints == share)
            await world.confirm()
            #expect(world.rollout.phase.name == .holding)
            _ = try await world.perform(.step(.next))
        }
        #expect(world.rollout.phase == .promoting)
        await world.confirm()
        #expect(world.rollout.phase == .promoted)
        await world.report(.drained)
        #expect(world.rollout.isDrained)
        let types = world.engine.history(of: EngineWorld.name, after: 0, limit: 100).events.map(\.type)
        #expect(types == [
            .created, .surveyed, .registered, .confirmed, .stepped, .confirmed, .stepped,
            .confirmed, .promoting, .promoted, .drained,
        ])
    }

    @Test func `what was not saved did not happen, and the gateway never hears of it`() async throws {
        let world = try await EngineWorld()
        try await world.begun()
        await world.confirm()
        let before = world.rollout
        let woken = world.gateway.woken.count
        world.ledger.failure.withLock { $0 = .full }
        await #expect(throws: CommandError.self) { _ = try await world.perform(.step(.next)) }
        await world.report(.drifted(EngineWorld.cause(.loweredInKong)))
        #expect(world.rollout == before)
        #expect(world.gateway.woken.count == woken)
        world.ledger.failure.withLock { $0 = nil }
        _ = try await world.perform(.step(.next))
        #expect(world.rollout.revision == before.revision + 1)
    }

    @Test func `after a restart every saved rollout is there as it was`() async throws {
        let ledger = FailingLedger(InMemoryLedger(now: Timestamp(milliseconds: 0)))
        let world = try await EngineWorld(ledger: ledger)
        try await world.begun()
        await world.confirm()
        _ = try await world.perform(.pause(EngineWorld.cause()))
        let again = try await EngineWorld(ledger: ledger, clock: world.clock)
        #expect(again.rollout == world.rollout)
        #expect(again.engine.lastEventID == world.engine.lastEventID)
        let events = again.engine.history(of: nil, after: 0, limit: 100).events
        #expect(events == world.engine.history(of: nil, after: 0, limit: 100).events)
    }

    @Test func `a drained rollout is still shown as drained after a restart`() async throws {
        let ledger = FailingLedger(InMemoryLedger(now: Timestamp(milliseconds: 0)))
        let world = try await EngineWorld(ledger: ledger)
        try await world.begun()
        _ = try await world.perform(.abort(EngineWorld.cause()))
        await world.confirm()
        await world.report(.drained)
        #expect(world.rollout.isDrained)
        let again = try await EngineWorld(ledger: ledger, clock: world.clock)
        let drained = again.engine.state(of: EngineWorld.name)?.view.condition(.drained)
        #expect(drained?.status == .good && drained?.since == world.rollout.drainedAt)
    }

    @Test func `evidence of an older epoch moves nothing`() async throws {
        let world = try await EngineWorld()
        try await world.begun()
        await world.confirm()
        let old = world.rollout.epoch
        _ = try await world.perform(.step(.next))
        await world.report(.confirmed(world.rollout.wantedShare, EngineWorld.footing), epoch: old)
        #expect(world.rollout.phase.name == .shifting)
        await world.report(.drifted(EngineWorld.cause(.entityGone)), epoch: old)
        #expect(world.rollout.phase.name == .shifting)
    }

    @Test func `of two creations on one upstream the second is refused and names the holder`() async throws {
        let world = try await EngineWorld()
        let other = RolloutName("other")!
        async let one = Result { try await world.engine.create(EngineWorld.plan(), EngineWorld.terms) }
        async let two = Result {
            try await world.engine.create(EngineWorld.plan(other), EngineWorld.terms)
        }
        let failures = await [one, two].compactMap { result -> CommandError? in
            if case .failure(let error) = result { error as? CommandError } else { nil }
        }
        #expect(failures.count == 1)
        guard case .held(let holder, "upstreams/u") = failures.first else {
            Issue.record("\(failures)")
            return
        }
        #expect(world.engine.state(of: holder) != nil)
    }

    @Test func `an ended rollout holds nothing any more`() async throws {
        let world = try await EngineWorld()
        try await world.begun()
        _ = try await world.perform(.abort(EngineWorld.cause()))
        await world.confirm()
        #expect(world.rollout.phase.name == .aborted)
        _ = try await world.engine.create(EngineWorld.plan(RolloutName("next")!), EngineWorld.terms)
    }

    @Test func `a pause of a confirmed share keeps its confirmation and leaves Kong alone`() async throws {
        let world = try await EngineWorld()
        try await world.begun()
        await world.confirm()
        let confirmed = world.engine.state(of: EngineWorld.name)?.view.confirmedAt
        let woken = world.gateway.woken.count
        let epoch = world.rollout.epoch
        _ = try await world.perform(.pause(EngineWorld.cause()))
        // A pass that began before the pause knows nothing of it, and takes nothing away.
        await world.report(.looked, epoch: epoch)
        _ = try await world.perform(.resume)
        #expect(confirmed != nil)
        #expect(world.engine.state(of: EngineWorld.name)?.view.confirmedAt == confirmed)
        #expect(world.gateway.woken.count == woken)
    }

    @Test func `an abort is told to the gateway as urgent`() async throws {
        let world = try await EngineWorld()
        try await world.begun()
        _ = try await world.perform(.abort(EngineWorld.cause()))
        #expect(world.gateway.woken.last == "fraud-v7!")
    }

    @Test func `a wrong revision is refused with the present one`() async throws {
        let world = try await EngineWorld()
        try await world.begun()
        let terms = CommandTerms(actor: "ann", reason: nil, revisions: [1], answer: nil)
        do {
            _ = try await world.engine.perform(
                .abort(EngineWorld.cause()), on: EngineWorld.name, terms)
            Issue.record("accepted")
        } catch {
            guard case .stale(let current) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(current == world.rollout.revision)
        }
    }

    @Test func `only an ended, drained rollout is forgotten, or an abandoned one`() async throws {
        let world = try await EngineWorld()
        try await world.begun()
        await #expect(throws: CommandError.self) {
            try await world.engine.forget(EngineWorld.name, abandon: false, EngineWorld.terms)
        }
        try await world.engine.forget(EngineWorld.name, abandon: true, EngineWorld.terms)
        #expect(world.engine.state(of: EngineWorld.name) == nil)
        #expect(world.engine.history(of: nil, after: 0, limit: 10).events.last?.type == .abandoned)
    }

    @Test func `those who wait learn of the outcome, or that they were overtaken`() async throws {
        let world = try await EngineWorld()
        try await world.begun()
        let first = world.rollout.epoch
        async let settled = world.engine.settled(
            EngineWorld.name, since: first, in: [.holding], within: .seconds(30))
        await world.confirm()
        #expect(await settled?.rollout.phase.name == .holding)
        _ = try await world.perform(.step(.next))
        let epoch = world.rollout.epoch
        async let overtaken = world.engine.settled(
            EngineWorld.name, since: epoch, in: [.promoted], within: .seconds(30))
        _ = try await world.perform(.abort(EngineWorld.cause()))
        #expect(await overtaken?.rollout.phase.name == .aborting)
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
