import Gateway
import Rollouts
import Testing

/// The whole fleet on the machine's own clock, with short times.
@Suite struct FleetTests {
    private func running(
        _ kong: FakeKong, _ source: MemorySource, resync: Duration = .milliseconds(200),
        during body: (GatewayFleet) async -> Void
    ) async {
        let fleet = GatewayFleet(
            [
                GatewayConfiguration(
                    name: "default", nodes: kong.nodes, proxy: "http://proxy",
                    resync: resync, nodeGrace: .milliseconds(500),
                    routePropagation: .milliseconds(100), telemetry: TelemetryTests.settings)
            ], clock: .system(timestamp: { Timestamp(milliseconds: 1_000) }))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await fleet.run(reporting: source) }
            await body(fleet)
            group.cancelAll()
        }
    }

    private func reaches(
        _ phase: Phase.Name, _ name: RolloutName, in source: MemorySource,
        within limit: Duration = .seconds(10)
    ) async -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + limit
        while clock.now < end {
            if await source.rollouts[name]?.phase.name == phase { return true }
            await Task.yield()
        }
        return false
    }

    private func kong(nodes: Int = 2) -> FakeKong {
        let clock = ContinuousClock()
        let start = clock.now
        let kong = FakeKong(nodes: nodes, now: { start.duration(to: clock.now) })
        kong.edit { $0.canaries = ["v7:80"] }
        return kong
    }

    @Test func `a climb and an abort run through by wakes alone`() async {
        let (kong, source) = (kong(), MemorySource(FastTime()))
        let name = World.name("fraud")
        await running(kong, source) { fleet in
            await source.put(Rollout(plan: World.plan(), createdAt: Timestamp(milliseconds: 0)))
            fleet.wake(name, gateway: "default", isUrgent: false)
            #expect(await reaches(.holding, name, in: source))
            await source.apply(.command(.step(.next)), to: name)
            fleet.wake(name, gateway: "default", isUrgent: false)
            #expect(await reaches(.holding, name, in: source))
            let cause = Cause(
                by: "ci", reason: .requested, message: "", at: Timestamp(milliseconds: 0))
            await source.apply(.command(.abort(cause)), to: name)
            fleet.wake(name, gateway: "default", isUrgent: true)
            #expect(await reaches(.aborted, name, in: source))
        }
        #expect(kong.read(\.violations) == [])
        #expect(kong.weights("ml-upstream")["v7:80"] == 0)
    }

    @Test func `an abort does not wait for a call that a node leaves hanging`() async {
        let (kong, source) = (kong(), MemorySource(FastTime()))
        let name = World.name("fraud")
        await running(kong, source) { fleet in
            await source.put(Rollout(plan: World.plan(), createdAt: Timestamp(milliseconds: 0)))
            fleet.wake(name, gateway: "default", isUrgent: false)
            #expect(await reaches(.holding, name, in: source))
            kong.edit { $0.nodes[0].isHanging = true }
            await source.apply(.command(.step(.next)), to: name)
            fleet.wake(name, gateway: "default", isUrgent: false)
            let cause = Cause(
                by: "ci", reason: .requested, message: "", at: Timestamp(milliseconds: 0))
            await source.apply(.command(.abort(cause)), to: name)
            fleet.wake(name, gateway: "default", isUrgent: true)
            // The other node takes the abort; the hanging one never lets go by itself.
            let clock = ContinuousClock()
            let end = clock.now + .seconds(10)
            while clock.now < end, kong.weights("ml-upstream")["v7:80"] != 0 {
                await Task.yield()
            }
            #expect(kong.weights("ml-upstream")["v7:80"] == 0)
            kong.edit { $0.nodes[0].isHanging = false }
            #expect(await reaches(.aborted, name, in: source))
        }
        #expect(kong.read(\.violations) == [])
    }

    @Test func `an abort does not wait for plugins that Kong leaves hanging`() async {
        let (kong, source) = (kong(), MemorySource(FastTime()))
        let name = World.name("fraud")
        await running(kong, source, resync: .seconds(30)) { fleet in
            await source.put(
                Rollout(
                    plan: World.plan(judged: true), createdAt: Timestamp(milliseconds: 0),
                    telemetrySecret: World.secret))
            fleet.wake(name, gateway: "default", isUrgent: false)
            #expect(await reaches(.holding, name, in: source))
            #expect(kong.read(\.plugins).count == 2)
            kong.edit {
                $0.plugins = []
                $0.hangsPlugins = true
            }
            fleet.wake(name, gateway: "default", isUrgent: false)
            while !kong.read(\.isHangingNow) { await Task.yield() }
            let before = kong.read(\.trace).count
            let cause = Cause(
                by: "ci", reason: .requested, message: "", at: Timestamp(milliseconds: 0))
            await source.apply(.command(.abort(cause)), to: name)
            fleet.wake(name, gateway: "default", isUrgent: true)
            #expect(await reaches(.aborted, name, in: source))
            // Nothing is read between the call that was cut off and the first PATCH.
            #expect(kong.read(\.trace)[before] == true)
        }
        #expect(kong.read(\.violations) == [])
        #expect(kong.weights("ml-upstream")["v7:80"] == 0)
    }

    @Test func `a Kong that comes up late is found by the probe`() async {
        let (kong, source) = (kong(), MemorySource(FastTime()))
        let name = World.name("fraud")
        kong.edit { state in
            for index in state.nodes.indices { state.nodes[index].isDown = true }
        }
        await running(kong, source) { fleet in
            let plan = World.plan()
            guard case .unreachable = await fleet.survey(plan) else {
                Issue.record("a Kong that is down was surveyed")
                return
            }
            await source.put(Rollout(plan: plan, createdAt: Timestamp(milliseconds: 0)))
            fleet.wake(name, gateway: "default", isUrgent: false)
            while await source.reports.isEmpty { await Task.yield() }
            kong.edit { state in
                for index in state.nodes.indices { state.nodes[index].isDown = false }
            }
            #expect(await reaches(.holding, name, in: source, within: .seconds(5)))
        }
    }

    @Test func `a survey says what would be done and changes nothing`() async throws {
        let (kong, source) = (kong(), MemorySource(FastTime()))
        await running(kong, source) { fleet in
            guard case .ready(let footing, let calls) = await fleet.survey(World.plan()) else {
                Issue.record("an empty Kong was refused")
                return
            }
            #expect(footing.url == "http://proxy/predict")
            #expect(
                calls.map { "\($0.method) \($0.path)" } == [
                    "POST /upstreams", "POST /upstreams/ml-upstream/targets",
                    "POST /upstreams/ml-upstream/targets", "POST /services", "POST /routes",
                ])
            #expect(
                String(decoding: calls[1].body, as: UTF8.self)
                    == #"{"target":"v6:80","weight":1000,"tags":["kong-rollouts","rollout:fraud"]}"#
            )
            #expect(kong.read(\.writes) == [])
        }
    }

    @Test func `a gateway that is not configured is told, not fatal`() async {
        let (kong, source) = (kong(), MemorySource(FastTime()))
        let name = World.name("fraud")
        await source.put(Rollout(plan: World.plan(), createdAt: Timestamp(milliseconds: 0)))
        await running(kong, source) { fleet in
            // Until the fleet runs it knows nobody to tell.
            while await source.reports.isEmpty {
                fleet.wake(name, gateway: "elsewhere", isUrgent: false)
                await Task.yield()
            }
            let told = await source.reports.first?.view.condition(.gatewayInSync)
            #expect(told?.status == .unknown)
            #expect(told?.reason == "GatewayUnknown")
            #expect(await fleet.descriptions().map(\.name) == ["default"])
        }
    }
}
