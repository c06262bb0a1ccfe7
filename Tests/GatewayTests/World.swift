import Rollouts
import Synchronization
import Testing

@testable import Gateway

/// Time that passes only when somebody sleeps.
final class FastTime: Sendable {
    private let instant = Mutex(Duration.seconds(1000))

    var now: Duration { instant.withLock { $0 } }
    func advance(by duration: Duration) { instant.withLock { $0 += duration } }

    func clock(random: @escaping @Sendable () -> Double = { 0.5 }) -> GatewayClock {
        GatewayClock(
            now: { self.now },
            sleep: { duration in
                for _ in 0..<8 { await Task.yield() }
                self.advance(by: duration)
            },
            timestamp: { self.timestamp }, random: random)
    }

    var timestamp: Timestamp {
        Timestamp(milliseconds: Int64(now / .milliseconds(1)))
    }
}

/// A small engine: decides by the real state machine, saves in memory.
actor MemorySource: RolloutSource {
    var rollouts: [RolloutName: Rollout] = [:]
    var reports: [GatewayReport] = []
    private let time: FastTime
    var onSave: @Sendable (Rollout, GatewayReport?) -> Void = { _, _ in }

    init(_ time: FastTime) { self.time = time }

    func observe(_ body: @escaping @Sendable (Rollout, GatewayReport?) -> Void) { onSave = body }

    func put(_ rollout: Rollout) {
        rollouts[rollout.name] = rollout
        onSave(rollout, nil)
    }

    /// What somebody else saves while a pass runs: asked for whenever the pass looks.
    var interruption: @Sendable () -> Event? = { nil }

    func interrupt(_ body: @escaping @Sendable () -> Event?) { interruption = body }

    func saved(_ name: RolloutName) async -> Rollout? {
        if let event = interruption() { apply(event, to: name) }
        return rollouts[name]
    }

    func others(
        on gateway: String, upstream: String, than name: RolloutName
    ) async -> [Rollout] {
        rollouts.values.filter { $0.name != name && $0.footing?.upstream.name == upstream }
    }

    func took(_ report: GatewayReport) async -> Rollout? {
        reports.append(report)
        guard var rollout = rollouts[report.rollout], rollout.epoch == report.epoch else {
            return rollouts[report.rollout]
        }
        switch report.finding {
        case .looked: break
        case .surveyed(let footing):
            rollout = rollout.changed(at: time.timestamp)
            rollout.footing = footing
        case .confirmed(let share, let footing):
            guard share == rollout.wantedShare else { return rollout }
            let before = rollout.epoch
            rollout = rollout.applying(.fact(.confirmed), at: time.timestamp)
            if rollout.epoch != before { rollout.footing = footing }
        case .refused(let cause):
            rollout = rollout.applying(.fact(.gatewayRefused(cause)), at: time.timestamp)
        case .drifted(let cause):
            rollout = rollout.applying(.fact(.drifted(cause)), at: time.timestamp)
        case .drained:
            rollout = rollout.changed(at: time.timestamp)
            rollout.drainedAt = time.timestamp
        }
        rollouts[rollout.name] = rollout
        onSave(rollout, report)
        return rollout
    }

    func apply(_ event: Event, to name: RolloutName) {
        guard let rollout = rollouts[name] else { return }
        let next = rollout.applying(event, at: time.timestamp)
        rollouts[name] = next
        onSave(next, nil)
    }
}

extension Rollout {
    func applying(_ event: Event, at now: Timestamp) -> Rollout {
        switch phase.applying(event, in: context(at: now)) {
        case .moved(let phase, _): moved(to: phase, at: now)
        case .unchanged, .refused: self
        }
    }
}

/// A Kong, what is saved, and one gateway between them.
struct World {
    let time = FastTime()
    let kong: FakeKong
    let source: MemorySource
    let site: Site
    let name: RolloutName

    init(
        nodes: Int = 1, proxy: String? = nil, telemetry: TelemetrySettings? = nil,
        random: @escaping @Sendable () -> Double = { 0.5 },
        fault: @escaping @Sendable (Int, Bool) -> FakeKong.Fault? = { _, _ in nil }
    ) {
        let time = time
        kong = FakeKong(nodes: nodes, now: { time.now }, fault: fault)
        kong.edit { $0.canaries = ["v7:80", "v7b:80"] }
        source = MemorySource(time)
        let configuration = GatewayConfiguration(
            name: "default", nodes: kong.nodes, proxy: proxy, telemetry: telemetry)
        site = Site(
            configuration, clock: time.clock(random: random), source: source,
            roster: NodeRoster(configuration.nodes), log: { _ in })
        name = Self.name("fraud")
    }

    /// The same after a crash: nothing but Kong and what is saved is left.
    var restarted: Site {
        Site(
            site.configuration, clock: site.clock, source: source,
            roster: NodeRoster(site.configuration.nodes), log: { _ in })
    }

    static func name(_ text: String) -> RolloutName { RolloutName(text)! }

    static func plan(
        steps: [Int] = [20, 50], hold: Hold = .untilApproved, adopt: Bool = false,
        stable: [String]? = ["v6:80"], canary: [String] = ["v7:80"], sticky: Bool = false,
        service: RolloutPlan.Service = .init(name: "ml-service"), upstream: String? = "ml-upstream",
        route: RolloutPlan.Route = .init(name: "ml-route", paths: ["/predict"]),
        drain: Int = 60, start: StartMode = .auto, judged: Bool = false, score: ScoreSource? = nil
    ) -> RolloutPlan {
        var analysis = AnalysisPolicy.off
        analysis.isEnabled = judged
        analysis.score = score
        return RolloutPlan(
            name: name("fraud"), service: service, upstream: upstream, route: route,
            stableTargets: stable.map { $0.map { TargetAddress($0)! } },
            canary: Version(label: "v7", targets: canary.map { TargetAddress($0)! }),
            steps: Steps(
                steps.map { Step(share: TrafficShare(basisPoints: $0 * 100)!, hold: hold) })!,
            start: start, adopt: adopt, sticky: sticky, drain: TimeSpan(seconds: drain)!,
            progressDeadline: nil, analysis: analysis)
    }

    /// A rollout that holds its first step, on entities that were there before.
    static func holding(
        nodes: Int = 1, steps: [Int] = [20, 50]
    ) async -> (world: World, follower: Follower) {
        let world = World(nodes: nodes)
        world.kong.upstream("ml-upstream", [("v6:80", 1000)])
        world.kong.service("ml-service", host: "ml-upstream")
        world.kong.route("ml-route", service: "ml-service")
        await world.create(plan(steps: steps))
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        return (world, follower)
    }

    static let secret = "0123456789abcdef0123456789abcdef"

    func create(_ plan: RolloutPlan) async {
        await source.put(
            Rollout(plan: plan, createdAt: time.timestamp, telemetrySecret: Self.secret))
    }

    var rollout: Rollout {
        get async { await source.rollouts[name]! }
    }

    var phase: Phase.Name {
        get async { await rollout.phase.name }
    }

    /// Passes until the rollout is in that phase; false: it never got there.
    func drive(
        _ follower: Follower, to phase: Phase.Name, passes: Int = 400
    ) async -> Bool {
        for _ in 0..<passes {
            if await self.phase == phase { return true }
            await once(follower)
        }
        return await self.phase == phase
    }

    @discardableResult
    func once(_ follower: Follower) async -> Follower.Next {
        let next = await follower.pass()
        switch next {
        case .forget: break
        case .soon(let delay), .idle(let delay): time.advance(by: delay)
        }
        kong.tick()
        return next
    }

    func abort() async {
        let cause = Cause(by: "ci", reason: .requested, message: "", at: time.timestamp)
        await source.apply(.command(.abort(cause)), to: name)
    }
}
