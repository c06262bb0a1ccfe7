import Rollouts
import Testing

@testable import Gateway

/// The adoption table, row by row.
@Suite struct AdoptionTests {
    private static func found(
        host: String = "ml-upstream", targets: [(String, Int)] = [("v6:80", 100)],
        _ change: (inout Surroundings) -> Void = { _ in }
    ) -> Surroundings {
        var found = Surroundings(
            facts: NodeFacts(version: "3.9.1", id: "n", workers: 2, database: "postgres"),
            upstreamName: "ml-upstream")
        found.service = ServiceRow(id: "s", name: "ml-service", host: host)
        found.route = RouteRow(id: "r", name: "ml-route", serviceID: "s", paths: ["/predict"])
        found.upstream = UpstreamRow(id: "u", name: "ml-upstream")
        found.targets = targets.enumerated().map {
            TargetRow(id: "t\($0.offset)", address: $0.element.0, weight: $0.element.1)
        }
        change(&found)
        found.services = [found.service].compactMap { $0 } + found.services
        found.routes = [found.route].compactMap { $0 } + found.routes
        return found
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let found: Surroundings
        var plan = World.plan()
        /// Differences as `entity field`.
        var needed: [String] = []
        var never: [String] = []
        var fault: String?
        var remarks = 0

        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(name: "as wanted", found: found()),
        Row(
            name: "the service is direct", found: found(host: "v6.example.com"),
            needed: ["services/ml-service host"]),
        Row(
            name: "the service names another upstream of stable's",
            found: found(host: "other") {
                $0.otherUpstream = UpstreamRow(id: "o", name: "other")
                $0.otherTargets = [TargetRow(id: "x", address: "v6:80", weight: 100)]
            }, needed: ["services/ml-service host"]),
        Row(
            name: "the service names another upstream of somebody else's",
            found: found(host: "other") {
                $0.otherUpstream = UpstreamRow(id: "o", name: "other")
                $0.otherTargets = [TargetRow(id: "x", address: "foreign:80", weight: 100)]
            }, never: ["services/ml-service host"]),
        Row(
            name: "another service would be captured",
            found: found(host: "v6") {
                $0.upstream = nil
                $0.targets = []
                $0.services = [ServiceRow(id: "s2", name: "victim", host: "ml-upstream")]
            }, needed: ["services/ml-service host"], never: ["services/victim host"]),
        Row(
            name: "further services and routes reach the upstream",
            found: found {
                $0.services = [ServiceRow(id: "s2", name: "second", host: "ml-upstream")]
                $0.routes = [RouteRow(id: "r2", name: "second", serviceID: "s", paths: ["/x"])]
            }, remarks: 2),
        Row(
            name: "a target of neither version",
            found: found(targets: [("v6:80", 100), ("v5:80", 10)]),
            needed: ["upstreams/ml-upstream/targets/v5:80 weight"]),
        Row(
            name: "a target listed as stable's",
            found: found(targets: [("v6:80", 100), ("v5:80", 10)]),
            plan: World.plan(stable: ["v6:80", "v5:80"])),
        Row(
            name: "the canary above the first step",
            found: found(targets: [("v6:80", 60), ("v7:80", 40)]),
            needed: ["upstreams/ml-upstream/targets/v7:80 weight"]),
        Row(
            name: "the canary below the first step",
            found: found(targets: [("v6:80", 90), ("v7:80", 10)])),
        Row(name: "hashing", found: found { $0.upstream?.hashOn = "header" }, fault: "/sticky"),
        Row(
            name: "hashing that is accepted", found: found { $0.upstream?.hashOn = "header" },
            plan: World.plan(sticky: true)),
        Row(
            name: "least connections",
            found: found { $0.upstream?.algorithm = "least-connections" },
            needed: ["upstreams/ml-upstream algorithm"]),
        Row(
            name: "a second route with the same matchers",
            found: found {
                $0.routes = [RouteRow(id: "r2", name: "twin", serviceID: "z", paths: ["/predict"])]
                $0.route = nil
            }, needed: ["routes/twin paths"]),
        Row(
            name: "given fields that differ",
            found: found { $0.route?.paths = ["/old"] },
            plan: World.plan(service: .init(name: "ml-service", retries: 2)),
            needed: ["services/ml-service retries", "routes/ml-route paths"]),
        Row(
            name: "fields not given are not compared",
            found: found { $0.route?.paths = ["/old"] },
            plan: World.plan(route: .init(name: "ml-route"))),
        Row(
            name: "managed by others", found: found { $0.service?.tags = ["managed-by-deck"] },
            needed: ["services/ml-service tags"]),
        Row(
            name: "a disabled service", found: found { $0.service?.isEnabled = false },
            never: ["services/ml-service enabled"]),
        Row(
            name: "grpc", found: found { $0.service?.scheme = "grpc" },
            never: ["services/ml-service protocol"]),
        Row(
            name: "all stable weights 0", found: found(targets: [("v6:80", 0)]),
            never: ["upstreams/ml-upstream/targets/v6:80 weight"]),
        Row(
            name: "without a database", found: found { $0.facts.database = "off" },
            fault: "/gateway"),
        Row(
            name: "a data plane", found: found { $0.facts.role = "data_plane" },
            fault: "/gateway"),
        Row(
            name: "no stable target", found: found(targets: []), plan: World.plan(stable: nil),
            fault: "/stable"),
        Row(
            name: "no such route", found: found { $0.route = nil },
            plan: World.plan(route: .init(name: "ml-route")), fault: "/route"),
    ]

    @Test(arguments: rows) func `each state found is answered as the table says`(row: Row) {
        let appraisal = row.plan.appraised(in: row.found, proxy: nil)
        #expect(appraisal.needed.map { "\($0.entity) \($0.field)" } == row.needed)
        #expect(appraisal.never.map { "\($0.entity) \($0.field)" } == row.never)
        #expect(appraisal.fault?.pointer == row.fault)
        #expect(appraisal.remarks.count == row.remarks)
        let refused = appraisal.cause(adopt: false, at: Timestamp(milliseconds: 0))
        #expect(
            (refused == nil) == (row.needed.isEmpty && row.never.isEmpty && row.fault == nil))
        let consented = appraisal.cause(adopt: true, at: Timestamp(milliseconds: 0))
        #expect((consented == nil) == (row.never.isEmpty && row.fault == nil))
    }

    @Test func `what is left out is taken from what is there`() async throws {
        let world = World(proxy: "http://proxy")
        world.kong.upstream("models", [("v6:80", 80), ("v5:80", 0), ("v7:80", 0)])
        world.kong.service("scoring", host: "models")
        world.kong.route("predict", service: "scoring")
        let plan = World.plan(
            stable: nil, service: .init(), upstream: nil, route: .init(name: "predict"))
        let found = try await Surroundings.read(
            for: plan, facts: NodeFacts(version: "", id: nil, workers: 1, database: "postgres"),
            from: world.kong.nodes[0])
        let footing = plan.appraised(in: found, proxy: "http://proxy").footing
        #expect(footing.service.name == "scoring")
        #expect(footing.upstream.name == "models")
        #expect(footing.stableTargets.map(\.description) == ["v6:80"])
        #expect(footing.baseline.map(\.weight) == [80, 0, 0])
        #expect(footing.url == "http://proxy/predict")
        #expect(footing.upstream.isOurs == false)
    }

    @Test func `a direct service is led through the upstream last, and the canary waits`() async {
        let world = World(nodes: 2)
        world.kong.upstream("ml-upstream", [("v6:80", 4), ("v7:80", 1)])
        world.kong.service("ml-service", host: "v6.example.com")
        world.kong.route("ml-route", service: "ml-service")
        await world.create(World.plan(adopt: true, start: .manual))
        let follower = Follower(world.name, on: world.site)
        let start = world.time.now
        for _ in 0..<100 where await world.rollout.phase != .pending(registered: true) {
            await world.once(follower)
        }
        #expect(world.time.now - start >= .seconds(12))
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 0)
        #expect(world.kong.read(\.services).first?.host == "ml-upstream")
        #expect(world.kong.read(\.upstreams).first?.hostHeader == "v6.example.com")
        #expect(world.kong.read(\.peak) == .none)
        await world.source.apply(.command(.step(.next)), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        #expect(world.kong.read(\.violations) == [])
        await world.abort()
        #expect(await world.drive(follower, to: .aborted))
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 4, "v7:80": 0])
        #expect(world.kong.read(\.services).first?.host == "ml-upstream")
    }

    @Test func `stable gets its scale again, changed while a service settles in`() async {
        let world = World()
        world.kong.upstream("ml-upstream", [("v6:80", 4), ("v7:80", 0)])
        world.kong.service("ml-service", host: "v6.example.com")
        world.kong.route("ml-route", service: "ml-service")
        await world.create(World.plan(adopt: true))
        let follower = Follower(world.name, on: world.site)
        while world.kong.read(\.services).first?.host != "ml-upstream" {
            await world.once(follower)
        }
        #expect(await world.rollout.phase == .pending(registered: false))
        // Of 7 no whole weight beside it is a fifth.
        world.kong.setWeight("v6:80", in: "ml-upstream", to: 7)
        #expect(await world.drive(follower, to: .holding))
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 1000, "v7:80": 250])
        #expect(world.kong.read(\.violations) == [])
    }

    @Test func `without consent nothing is written, and consent lets it go on`() async {
        let world = World()
        world.kong.upstream("ml-upstream", [("v6:80", 4), ("v7:80", 1)])
        world.kong.service("ml-service", host: "v6.example.com")
        world.kong.route("ml-route", service: "ml-service")
        await world.create(World.plan())
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .paused))
        #expect(await world.rollout.phase.cause?.reason == .needsAdoption)
        #expect(await follower.view.condition(.adoptable)?.status == .bad)
        #expect(world.kong.read(\.writes) == [])
        await world.source.adopt(world.name)
        await world.source.apply(.command(.resume), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        #expect(await follower.view.condition(.adoptable)?.status == .good)
    }
}

extension MemorySource {
    func adopt(_ name: RolloutName) { rollouts[name]?.plan.adopt = true }
}
