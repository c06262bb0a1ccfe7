import Rollouts
import Testing

@testable import Gateway

@Suite struct TelemetryTests {
    static let settings = TelemetrySettings(publicURL: "http://10.0.0.5:8080/")
    static let endpoint = "http://10.0.0.5:8080/v1/telemetry/kong/fraud/\(World.secret)"

    private func holding(
        nodes: Int = 1, plan: RolloutPlan = World.plan(judged: true),
        _ prepare: (FakeKong) -> Void = { _ in }
    ) async -> (world: World, follower: Follower) {
        let world = World(nodes: nodes, telemetry: Self.settings)
        prepare(world.kong)
        await world.create(plan)
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        #expect(world.kong.read(\.violations) == [])
        return (world, follower)
    }

    private func names(_ world: World) -> [String] {
        world.kong.read(\.plugins).map(\.name).sorted()
    }

    @Test func `plugins are made after the route and before the first share`() async {
        let (world, _) = await holding()
        let calls = world.kong.read(\.writes).map(\.call)
        #expect(
            calls.map { "\($0.method) \($0.path)" } == [
                "POST /upstreams", "POST /upstreams/ml-upstream/targets",
                "POST /upstreams/ml-upstream/targets", "POST /services", "POST /routes",
                "POST /plugins", "POST /plugins", "PATCH /upstreams/upstream-1/targets/target-3",
            ])
        #expect(
            calls[6].body.map { String(decoding: $0, as: UTF8.self) }
                == #"{"name":"http-log","route":{"id":"route-5"},"config":{"http_endpoint":"#
                + #""\#(Self.endpoint)","method":"POST","content_type":"application/json","#
                + #""timeout":2000,"keepalive":60000,"queue":{"max_batch_size":200,"#
                + #""max_coalescing_delay":0.2,"max_entries":10000,"max_retry_time":60,"#
                + #""initial_retry_delay":0.01,"max_retry_delay":60}},"#
                + #""tags":["kong-rollouts","rollout:fraud"]}"#)
        #expect(
            world.kong.read(\.plugins).map(\.name) == ["post-function", "http-log"])
        #expect(await world.rollout.footing?.telemetry == .init(carrier: .postFunction))
    }

    @Test func `an older Kong gets the columns it knows`() async {
        let (world, _) = await holding { $0.edit { $0.facts.version = "2.8.5" } }
        let log = world.kong.read(\.plugins).first { $0.name == "http-log" }?.columns
        #expect(
            log
                == .log(
                    LogColumns(
                        endpoint: Self.endpoint, timeout: 2000,
                        queue: .flushes(size: 200, delay: 0.2, retries: 10))))
    }

    @Test(arguments: [
        ("2.8.5", false), ("3.2.2", false), ("3.3.0", true), ("3.9.1", true),
        ("3.4.1.2-enterprise-edition", true), ("10.0.0", true), ("nightly", true),
    ])
    func `the version tells which columns there are`(version: String, hasQueue: Bool) {
        let facts = NodeFacts(version: version, id: nil, workers: nil, database: "postgres")
        #expect(facts.hasLogQueue == hasQueue)
    }

    @Test func `without judgement nothing is read or written of plugins`() async {
        let (world, follower) = await holding(plan: World.plan())
        let calls = world.kong.read(\.calls)
        await world.once(follower)
        // Upstream, targets, live twice, service and route.
        #expect(world.kong.read(\.calls) == calls + 6)
        #expect(world.kong.read(\.plugins) == [])
    }

    @Test func `without an address of our own nothing is attached`() async {
        let world = World()
        await world.create(World.plan(judged: true))
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        #expect(world.kong.read(\.plugins) == [])
    }

    @Test func `plugins stay while in-flight requests have their time, then go`() async {
        let (world, follower) = await holding { kong in
            kong.upstream("ml-upstream", [("v6:80", 80)])
            kong.service("ml-service", host: "ml-upstream")
            kong.route("ml-route", service: "ml-service")
            kong.plugin("cors", route: "ml-route")
        }
        await world.abort()
        #expect(await world.drive(follower, to: .aborted))
        #expect(names(world) == ["cors", "http-log", "post-function"])
        for _ in 0..<40 where await world.rollout.drainedAt == nil { await world.once(follower) }
        #expect(await world.rollout.drainedAt != nil)
        #expect(names(world) == ["cors"])
        #expect(world.kong.read(\.violations) == [])
    }

    @Test func `a promotion takes its plugins out too`() async {
        let (world, follower) = await holding()
        await world.source.apply(.command(.promote), to: world.name)
        #expect(await world.drive(follower, to: .promoted))
        for _ in 0..<40 where await world.rollout.drainedAt == nil { await world.once(follower) }
        #expect(names(world) == [])
    }

    @Test func `judgement that is switched off goes at the next look, and comes back`() async {
        let (world, follower) = await holding()
        await world.source.judge(world.name) { $0.isEnabled = false }
        await world.once(follower)
        #expect(names(world) == [])
        await world.source.judge(world.name) { $0.isEnabled = true }
        await world.once(follower)
        #expect(names(world) == ["http-log", "post-function"])
        #expect(await world.phase == .holding)
    }

    @Test func `judgement that comes later finds its place while holding`() async {
        let (world, follower) = await holding(plan: World.plan())
        await world.source.judge(world.name) { $0.isEnabled = true }
        await world.once(follower)
        #expect(names(world) == ["http-log", "post-function"])
        #expect(await world.rollout.footing?.telemetry == .init(carrier: .postFunction))
        #expect(await world.phase == .holding)
    }

    @Test func `another score is another function`() async {
        let (world, follower) = await holding()
        let ids = world.kong.read(\.plugins).map(\.id)
        await world.source.judge(world.name) { $0.score = .jsonField("score") }
        await world.once(follower)
        #expect(world.kong.read(\.plugins).map(\.id) == ids)
        let wanted = SlimFunction(cut: .slim, score: .jsonField("score")).phases
        #expect(world.kong.read(\.plugins).first?.columns == .function(wanted))
        await world.source.judge(world.name) { $0.score = nil }
        await world.once(follower)
        let last = world.kong.read(\.writes).last?.call.body ?? []
        #expect(String(decoding: last, as: UTF8.self).contains(#""body_filter":[]"#))
    }

    @Test(arguments: 0..<6) func `what somebody did to ours is undone without a pause`(
        deed: Int
    ) async {
        let (world, follower) = await holding()
        let before = world.kong.read(\.plugins)
        world.kong.edit { state in
            switch deed {
            case 0: state.plugins = []
            case 1: state.plugins.removeLast()
            case 2: state.plugins[0].columns = .function(["log": ["return"]])
            case 3: state.plugins[1].isEnabled = false
            case 4: state.plugins[1].tags = []
            default:
                state.plugins[1].columns = .log(
                    LogColumns(
                        endpoint: Self.endpoint, queue: .flushes(size: 3, delay: 1, retries: 1)))
            }
        }
        await world.once(follower)
        let after = world.kong.read(\.plugins)
        #expect(after.map(\.columns) == before.map(\.columns))
        #expect(after.map(\.tags) == before.map(\.tags))
        #expect(after.allSatisfy { $0.isEnabled })
        #expect(await world.phase == .holding)
        #expect(await follower.telemetry.repairs.count == 1)
    }

    @Test func `a contest over plugins is told and slowed, never a pause`() async {
        let (world, follower) = await holding()
        for _ in 0..<6 {
            world.kong.edit { $0.plugins = [] }
            await world.once(follower)
        }
        #expect(await world.phase == .holding)
        #expect(await follower.view.condition(.uncontested)?.reason == "TelemetryContested")
        #expect(await follower.telemetry.repairs.count == 4)
        await world.abort()
        #expect(await world.drive(follower, to: .aborted))
    }

    @Test func `a Kong that writes a value in its own way is not written to for ever`() async {
        let (world, follower) = await holding {
            $0.edit { $0.normalises = true }
        }
        let writes = world.kong.read(\.writes).count
        for _ in 0..<3 { await world.once(follower) }
        #expect(world.kong.read(\.writes).count == writes)
    }

    @Test func `a refusal before the first share pauses, later it is told`() async {
        let world = World(telemetry: Self.settings)
        world.kong.edit { $0.refusesPlugins = true }
        await world.create(World.plan(judged: true))
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .paused))
        #expect(await world.rollout.phase.cause?.message.contains("not enabled") == true)
        #expect(world.kong.read(\.peak) == .none)
        world.kong.edit { $0.refusesPlugins = false }
        await world.source.apply(.command(.resume), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        world.kong.edit {
            $0.refusesPlugins = true
            $0.plugins = []
        }
        await world.once(follower)
        #expect(await follower.view.condition(.gatewayAccepts)?.reason == "TelemetryRefused")
        await world.source.apply(.command(.step(.next)), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        world.kong.edit { $0.refusesPlugins = false }
        for _ in 0..<3 { await world.once(follower) }
        #expect(names(world) == ["http-log", "post-function"])
        #expect(await follower.view.condition(.gatewayAccepts)?.status == .good)
    }

    @Test func `a plan shows the calls and hides the secret`() async throws {
        let world = World(telemetry: Self.settings)
        let runner = GatewayRunner(world.site.configuration, clock: world.time.clock())
        let plan = World.plan(judged: true)
        guard case .ready(let footing, let calls) = await runner.survey(
            plan, at: world.time.timestamp)
        else {
            Issue.record("an empty Kong was refused")
            return
        }
        #expect(calls.suffix(2).map(\.path) == ["/plugins", "/plugins"])
        let last = calls.last.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(last?.contains("/fraud/***\"") == true)
        #expect(last?.contains(#""route":{"name":"ml-route"}"#) == true)
        await world.create(plan)
        await world.source.stand(world.name, footing)
        let later = try await runner.plannedCalls(
            for: await world.rollout, at: world.time.timestamp)
        #expect(later.map(\.path) == calls.map(\.path))
        for call in calls + later {
            #expect(!String(decoding: call.body, as: UTF8.self).contains(World.secret))
        }
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        let none = try await runner.plannedCalls(
            for: await world.rollout, at: world.time.timestamp)
        #expect(none == [])
        await world.source.judge(world.name) { $0.isEnabled = false }
        let off = try await runner.plannedCalls(
            for: await world.rollout, at: world.time.timestamp)
        #expect(off.map(\.method) == ["DELETE", "DELETE"])
    }
}

extension MemorySource {
    func judge(_ name: RolloutName, _ change: (inout AnalysisPolicy) -> Void) {
        guard var rollout = rollouts[name] else { return }
        change(&rollout.plan.analysis)
        rollouts[name] = rollout.changed(at: rollout.updatedAt)
    }

    func stand(_ name: RolloutName, _ footing: Footing) { rollouts[name]?.footing = footing }
}
