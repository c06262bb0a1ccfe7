import Rollouts
import Testing

@testable import Gateway

/// What is in Kong already, and what it means for the plugins that tell of the traffic.
@Suite struct TelemetryConflictTests {
    private static let theirs = PluginColumns.log(
        LogColumns(
            endpoint: "https://user:pass@logs.example.com/in?key=1", headers: ["x-key": "k"],
            customFields: ["team": "return 'ml'"], queue: .batches(.init(size: 1, delay: 1))))

    private static func plugin(
        _ name: String, route: String? = nil, service: String? = nil, consumer: String? = nil,
        isEnabled: Bool = true, tags: [String] = [], _ columns: PluginColumns = .other
    ) -> PluginRow {
        PluginRow(
            id: "p-\(name)", name: name, routeID: route, serviceID: service, consumerID: consumer,
            isEnabled: isEnabled, tags: tags,
            columns: name == "http-log" && columns == .other ? theirs : columns)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let plugins: [PluginRow]
        var carrier: Footing.Telemetry.Carrier? = .postFunction
        var cut = Footing.Telemetry.Cut.slim
        var forwards: [String] = []
        /// Differences as `entity field`.
        var needed: [String] = []
        var never: [String] = []
        var remarks = 0

        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(name: "nothing", plugins: []),
        Row(
            name: "a log of the service", plugins: [plugin("http-log", service: "s")],
            cut: .whole, forwards: ["p-http-log"], needed: ["plugins/p-http-log service"],
            remarks: 2),
        Row(
            name: "a log of everything", plugins: [plugin("http-log")], cut: .whole,
            forwards: ["p-http-log"], needed: ["plugins/p-http-log global"], remarks: 2),
        Row(
            name: "a log of the service before that of everything",
            plugins: [
                PluginRow(id: "p-all", name: "http-log", columns: theirs),
                plugin("http-log", service: "s"),
            ], cut: .whole, forwards: ["p-http-log"],
            needed: ["plugins/p-all global", "plugins/p-http-log service"], remarks: 3),
        Row(
            name: "a log that is switched off",
            plugins: [plugin("http-log", service: "s", isEnabled: false)]),
        Row(
            name: "a log of the very route", plugins: [plugin("http-log", route: "r")],
            carrier: nil, never: ["plugins/p-http-log route"], remarks: 2),
        Row(
            name: "a log of the very route that is switched off",
            plugins: [plugin("http-log", route: "r", isEnabled: false)], carrier: nil,
            never: ["plugins/p-http-log route"]),
        Row(
            name: "a log of the route and its service together",
            plugins: [plugin("http-log", route: "r", service: "s")], carrier: nil,
            never: ["plugins/p-http-log route"], remarks: 2),
        Row(
            name: "a log of a consumer", plugins: [plugin("http-log", consumer: "c")],
            cut: .whole, remarks: 3),
        Row(
            name: "logs of other routes and services",
            plugins: [plugin("http-log", route: "r2"), plugin("http-log", service: "s2")]),
        Row(
            name: "a function of the route",
            plugins: [plugin("post-function", route: "r", .function(["access": ["x()"]]))],
            carrier: .preFunction),
        Row(
            name: "a function of everything",
            plugins: [plugin("post-function", .function(["access": ["x()"]]))],
            carrier: .preFunction),
        Row(
            name: "a function that is switched off",
            plugins: [plugin("post-function", isEnabled: false, .function(["log": ["x()"]]))]),
        Row(
            name: "a function of a consumer",
            plugins: [plugin("post-function", consumer: "c", .function(["log": ["x()"]]))],
            remarks: 1),
        Row(
            name: "both functions",
            plugins: [
                plugin("post-function", route: "r", .function(["access": ["x()"]])),
                plugin("pre-function", .function(["access": ["x()"]])),
            ], carrier: nil,
            never: ["plugins/p-post-function name", "plugins/p-pre-function name"]),
        Row(
            name: "a function that reads records",
            plugins: [plugin("pre-function", .function(["log": ["kong.log.serialize()"]]))],
            cut: .whole, remarks: 2),
        Row(
            name: "Kong's metrics", plugins: [plugin("prometheus")], cut: .named, remarks: 1),
        Row(
            name: "another log", plugins: [plugin("file-log"), plugin("prometheus")],
            cut: .whole, remarks: 3),
        Row(name: "a plugin nobody knows", plugins: [plugin("our-audit")], cut: .whole, remarks: 2),
        Row(name: "a plugin of requests", plugins: [plugin("key-auth", route: "r")]),
        Row(
            name: "what another rollout left",
            plugins: [
                plugin("http-log", route: "r", tags: ["kong-rollouts", "rollout:earlier"]),
                plugin(
                    "post-function", route: "r", tags: ["kong-rollouts", "rollout:earlier"],
                    .function(["log": ["-- kong-rollouts slim 1; score=none"]])),
            ]),
    ]

    @Test(arguments: rows) func `each plugin found is answered as the table says`(row: Row) {
        let finding = TelemetryFinding(of: row.plugins, route: "r", service: "s")
        #expect(finding.telemetry?.carrier == row.carrier)
        #expect(finding.telemetry == nil || finding.telemetry?.cut == row.cut)
        #expect(finding.telemetry?.forwards.map(\.plugin) ?? [] == row.forwards)
        #expect(finding.needed.map { "\($0.entity) \($0.field)" } == row.needed)
        #expect(finding.never.map { "\($0.entity) \($0.field)" } == row.never)
        #expect(finding.remarks.count == row.remarks)
        for difference in finding.needed + finding.never {
            #expect(!"\(difference)".contains("user:"))
            #expect(!"\(difference)".contains("key=1"))
        }
    }

    @Test func `before the route is made only what is for everything counts`() {
        let finding = TelemetryFinding(
            of: [Self.plugin("http-log", route: "r"), Self.plugin("http-log", service: "s")],
            route: nil, service: nil)
        #expect(finding.telemetry == .init(carrier: .postFunction))
    }

    private func world(
        adopt: Bool, judged: Bool = true, _ prepare: (FakeKong) -> Void
    ) async -> (world: World, follower: Follower) {
        let world = World(telemetry: TelemetryTests.settings)
        world.kong.upstream("ml-upstream", [("v6:80", 80)])
        world.kong.service("ml-service", host: "ml-upstream")
        world.kong.route("ml-route", service: "ml-service")
        prepare(world.kong)
        await world.create(World.plan(adopt: adopt, judged: judged))
        return (world, Follower(world.name, on: world.site))
    }

    @Test func `a log that ours would shadow needs consent`() async {
        let (world, follower) = await world(adopt: false) {
            $0.plugin("http-log", service: "ml-service", Self.theirs)
        }
        #expect(await world.drive(follower, to: .paused))
        let cause = await world.rollout.phase.cause
        #expect(cause?.reason == .needsAdoption)
        #expect(cause?.evidence.first?.present == "http-log to https://logs.example.com")
        #expect(cause?.message.contains("enabled") == true)
        #expect(world.kong.read(\.writes) == [])
        await world.source.adopt(world.name)
        await world.source.apply(.command(.resume), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        #expect(world.kong.read(\.plugins).count == 3)
    }

    @Test func `with consent its records are passed on whole, and it is left as it is`() async {
        let (world, follower) = await world(adopt: true) {
            $0.plugin("http-log", Self.theirs)
        }
        let before = world.kong.read(\.plugins)
        #expect(await world.drive(follower, to: .holding))
        let telemetry = await world.rollout.footing?.telemetry
        #expect(telemetry?.cut == .whole)
        #expect(
            telemetry?.forwards == [
                .init(
                    plugin: before[0].id, endpoint: "https://user:pass@logs.example.com/in?key=1",
                    method: "POST", contentType: "application/json", headers: ["x-key": "k"],
                    timeout: 10_000, batchSize: 1, customFields: ["team": "return 'ml'"])
            ])
        let ours = world.kong.read(\.plugins).dropFirst()
        guard case .log(let log)? = ours.last?.columns else {
            Issue.record("no log was attached")
            return
        }
        #expect(log.customFields == ["team": "return 'ml'"])
        #expect(log.headers == [:])
        await world.abort()
        #expect(await world.drive(follower, to: .aborted))
        for _ in 0..<40 where await world.rollout.drainedAt == nil { await world.once(follower) }
        #expect(world.kong.read(\.plugins) == before)
        #expect(world.kong.read(\.violations) == [])
    }

    @Test func `a log of the very route can never give way`() async {
        let (world, follower) = await world(adopt: true) {
            $0.plugin("http-log", route: "ml-route", Self.theirs)
        }
        #expect(await world.drive(follower, to: .paused))
        let cause = await world.rollout.phase.cause
        #expect(cause?.reason == .neverAdoptable)
        #expect(cause?.evidence.first?.wanted?.contains(#"{"enabled": false}"#) == true)
        #expect(world.kong.read(\.writes) == [])
        await world.source.judge(world.name) { $0.isEnabled = false }
        await world.source.apply(.command(.resume), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        #expect(world.kong.read(\.plugins).map(\.name) == ["http-log"])
    }

    @Test func `a function of theirs has ours beside it`() async {
        let (world, follower) = await world(adopt: false) {
            $0.plugin("post-function", route: "ml-route", .function(["access": ["x()"]]))
        }
        #expect(await world.drive(follower, to: .holding))
        #expect(
            world.kong.read(\.plugins).map(\.name) == ["post-function", "pre-function", "http-log"])
    }

    @Test func `what an earlier rollout left is taken over`() async {
        let tags = ["kong-rollouts", "rollout:earlier"]
        let (world, follower) = await world(adopt: false) {
            $0.plugin("http-log", route: "ml-route", tags: tags, Self.theirs)
            $0.plugin(
                "pre-function", route: "ml-route", tags: tags,
                .function(["log": ["-- kong-rollouts slim 1; score=none"]]))
        }
        #expect(await world.drive(follower, to: .holding))
        let plugins = world.kong.read(\.plugins)
        // The other's function is for its own drain to take out.
        #expect(plugins.map(\.name) == ["http-log", "pre-function", "post-function"])
        #expect(plugins[0].tags == Ownership.tags(for: world.name))
        #expect(plugins[2].tags == Ownership.tags(for: world.name))
    }

    @Test func `judgement that comes later and has no place is told, not forced`() async {
        let (world, follower) = await world(adopt: false, judged: false) {
            $0.plugin("http-log", service: "ml-service", Self.theirs)
        }
        #expect(await world.drive(follower, to: .holding))
        await world.source.judge(world.name) { $0.isEnabled = true }
        await world.once(follower)
        #expect(await world.phase == .holding)
        #expect(await follower.view.condition(.adoptable)?.reason == "TelemetryConflict")
        #expect(world.kong.read(\.plugins).count == 1)
        await world.source.adopt(world.name)
        for _ in 0..<3 { await world.once(follower) }
        #expect(world.kong.read(\.plugins).count == 3)
        #expect(await follower.view.condition(.adoptable)?.status == .good)
    }

    @Test func `a place that somebody took is looked for anew`() async {
        let (world, follower) = await world(adopt: false) { _ in }
        #expect(await world.drive(follower, to: .holding))
        world.kong.edit { state in
            state.plugins[0].columns = .function(["access": ["x()"]])
            state.plugins[0].tags = []
        }
        for _ in 0..<3 { await world.once(follower) }
        #expect(
            world.kong.read(\.plugins).map(\.name) == ["post-function", "http-log", "pre-function"])
        #expect(world.kong.read(\.plugins)[0].tags == [])
        #expect(await world.rollout.footing?.telemetry?.carrier == .preFunction)
        #expect(world.kong.read(\.violations) == [])
    }
}
