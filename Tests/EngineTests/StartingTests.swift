import Ledger
import Rollouts
import Synchronization
import Testing

@testable import Engine

@Suite struct StartingTests {
    @Test func `shares are put together in the order of the elements`() async {
        for count in [0, 1, 999, 1_000, 1_001, 4_321] {
            let shares = await Shares.map(Array(0..<count)) { share in share.map { -$0 } }
            #expect(Array(shares.joined()) == (0..<count).map { -$0 })
        }
    }

    @Test func `thousands of rollouts are shown, watched and hold what they held`() async throws {
        let ledger = FailingLedger(InMemoryLedger(now: Timestamp(milliseconds: 0)))
        let world = try await EngineWorld(ledger: ledger)
        let names = (0..<1_010).map { RolloutName("r-\($0)")! }
        for name in names {
            world.clock.advance(seconds: 1)
            let plan = EngineWorld.plan(name, upstream: "u-\(name)", analysis: .standard)
            _ = try await world.engine.create(plan, EngineWorld.terms)
            let epoch = world.engine.state(of: name)!.rollout.epoch
            _ = await world.engine.took(
                GatewayReport(
                    rollout: name, epoch: epoch, finding: .surveyed(Self.footing(of: name)),
                    view: EngineWorld.view()))
        }
        let known = world.traffic.script.withLock { $0.watched }
        let again = try await EngineWorld(ledger: ledger, clock: world.clock)
        let shown = again.engine.states().map(\.rollout)
        #expect(shown.map(\.name) == names.reversed())
        #expect(shown.allSatisfy { $0 == world.engine.state(of: $0.name)?.rollout })
        let watched = again.traffic.script.withLock { $0.watched }
        #expect(watched.count == names.count)
        #expect(watched.allSatisfy { $0.value == known[$0.key] })
        let rival = EngineWorld.plan(upstream: "u-r-1001")
        await #expect(throws: CommandError.self) {
            try await again.engine.create(rival, EngineWorld.terms)
        }
    }

    private static func footing(of name: RolloutName) -> Footing {
        Footing(
            service: .init(name: "s-\(name)", id: "1", isOurs: true),
            upstream: .init(name: "u-\(name)", id: "2", isOurs: true),
            route: .init(name: "r-u-\(name)", id: "3", isOurs: true),
            stableTargets: [TargetAddress("a:80")!], baseline: [], reach: .throughUpstream,
            serviceHost: nil, url: nil)
    }
}
