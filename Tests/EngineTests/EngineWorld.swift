import Ledger
import Rollouts
import Testing

@testable import Engine

/// An engine between a ledger and a gateway that a test holds in its hands.
struct EngineWorld {
    let ledger: FailingLedger
    let gateway = ScriptedGateway()
    let traffic = ScriptedTraffic()
    let clock: ManualWallClock
    let engine: RolloutEngine

    init(
        ledger: FailingLedger = FailingLedger(InMemoryLedger(now: Timestamp(milliseconds: 0))),
        clock: ManualWallClock = ManualWallClock()
    ) async throws {
        self.ledger = ledger
        self.clock = clock
        engine = try await RolloutEngine(
            ledger: ledger, gateways: gateway, traffic: traffic,
            newSecret: { String(repeating: "5", count: 32) }, now: { clock.now }, notice: { _ in })
    }

    static let name = RolloutName("fraud-v7")!
    static let terms = CommandTerms(actor: "ann", reason: nil, revisions: nil, answer: nil)
    static let footing = Footing(
        service: .init(name: "s", id: "1", isOurs: true),
        upstream: .init(name: "u", id: "2", isOurs: true),
        route: .init(name: "r", id: "3", isOurs: true),
        stableTargets: [TargetAddress("a:80")!], baseline: [], reach: .throughUpstream,
        serviceHost: nil, url: nil)

    static func plan(
        _ name: RolloutName = name, hold: Hold = .untilApproved, upstream: String = "u",
        start: StartMode = .auto, deadline: TimeSpan? = nil, analysis: AnalysisPolicy = .off
    ) -> RolloutPlan {
        RolloutPlan(
            name: name, upstream: upstream,
            route: RolloutPlan.Route(name: "r-\(upstream)", paths: ["/predict"]),
            stableTargets: [TargetAddress("a:80")!],
            canary: Version(label: "v7", targets: [TargetAddress("b:80")!]),
            steps: Steps([500, 2000, 10_000].map { points in
                Step(share: TrafficShare(basisPoints: points)!, hold: hold)
            })!,
            start: start, drain: TimeSpan(seconds: 0)!, progressDeadline: deadline,
            analysis: analysis)
    }

    static func cause(_ reason: Cause.Reason = .requested) -> Cause {
        Cause(by: "ann", reason: reason, message: "", at: Timestamp(milliseconds: 0))
    }

    var rollout: Rollout { engine.state(of: Self.name)!.rollout }

    static func view(isReachable: Bool = true, confirmedAt: Timestamp? = nil) -> GatewayView {
        GatewayView(isReachable: isReachable, confirmedAt: confirmedAt)
    }

    /// Reports what the gateway found for the rollout as it is.
    @discardableResult
    func report(_ finding: GatewayReport.Finding, epoch: Int? = nil) async -> Rollout? {
        var view = Self.view()
        if case .confirmed = finding { view.confirmedAt = clock.now }
        return await engine.took(
            GatewayReport(
                rollout: Self.name, epoch: epoch ?? rollout.epoch, finding: finding, view: view))
    }

    /// Surveyed and registered: at the first step, not yet confirmed.
    func begun(_ plan: RolloutPlan = plan()) async throws {
        _ = try await engine.create(plan, Self.terms)
        await report(.surveyed(Self.footing))
        await report(.confirmed(.none, Self.footing))
    }

    func confirm() async { await report(.confirmed(rollout.wantedShare, Self.footing)) }

    func perform(_ command: Event.Command) async throws -> Receipt {
        try await engine.perform(command, on: Self.name, Self.terms)
    }
}
