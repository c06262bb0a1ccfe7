import JSONText
import RolloutJSON
import Rollouts
import Testing

@Suite struct ResourceTests {
    static let start = Timestamp(milliseconds: 1_763_888_700_000)

    static func rollout() throws -> Rollout {
        let plan = try PlanReaderTests.read(
            PlanReaderTests.minimal.merging([
                "labels": ["team": "risk"], "canary": ["version": "v7"], "stable": ["version": "v6"],
                "steps": [20, ["percent": 50, "hold": ["for": "10m"]], 62.5],
            ]))
        return Rollout(plan: plan, createdAt: start)
    }

    @Test func `before Kong was read, what nobody named is null`() throws {
        let state = RolloutState(
            rollout: try Self.rollout(), view: GatewayView(), viewNumber: 0)
        let text = String(decoding: ResourceWriter.bytes(of: state, at: Self.start), as: UTF8.self)
        #expect(
            text == #"""
                {"name":"fraud-v7","labels":{"team":"risk"},"gateway":"default",
                "service":{"name":null,"protocol":null,"path":null,"retries":null},
                "upstream":{"name":null},
                "route":{"name":null,"paths":["/predict"],"methods":null,"protocols":null,
                "hosts":null,"strip_path":null},
                "stable":{"version":"v6","targets":null},
                "canary":{"version":"v7","targets":["canary.example.com:80"]},
                "steps":[{"percent":20,"hold":{"approval":true}},
                {"percent":50,"hold":{"for":"10m"}},{"percent":62.5,"hold":{"approval":true}}],
                "start":"auto","adopt":false,"sticky":false,"drain":"1m",
                "progress_deadline":"10m","analysis":{"enabled":true,"alpha":0.01,
                "after":"0s","on_unhealthy":"abort","no_data":"hold","no_data_after":"5m",
                "require":"no_alarm","min_requests":300,"score":null,
                "checks":[{"metric":"error_rate","max_increase":0.01},
                {"metric":"latency","quantile":0.95,"max_ratio":1.25}]},
                "revision":1,"created_at":"2025-11-23T09:05:00.000Z",
                "updated_at":"2025-11-23T09:05:00.000Z",
                "phase":"pending","url":null,
                "step":{"index":null,"count":3,"percent":null,
                "since":"2025-11-23T09:05:00.000Z","waiting_for":["gateway"]},
                "traffic":{"asked_percent":0.0,"applied_percent":null,"confirmed_at":null,
                "observed":null},
                "targets":[],"conditions":[],"cause":null,"actions":["pause","promote","abort"]}
                """#.replacing("\n", with: ""))
    }

    @Test func `what Kong showed stands in the resource`() throws {
        func entity(_ name: String) -> Footing.Entity { .init(name: name, id: nil, isOurs: true) }
        var rollout = try Self.rollout()
        rollout.footing = Footing(
            service: entity("s"), upstream: entity("u"), route: entity("r"),
            stableTargets: [try #require(TargetAddress("old.example:80"))], baseline: [],
            reach: .throughUpstream, serviceHost: nil, url: "http://proxy/predict")
        rollout = rollout.moved(
            to: .holding(.planned(1), since: Self.start, held: 0), at: Self.start)
        var view = GatewayView(
            isReachable: true, applied: TrafficShare(basisPoints: 4999), appliedAt: Self.start,
            confirmedAt: Self.start,
            targets: [.init(address: "canary.example.com:80", version: "v7", weight: 1000)])
        view.set(.gatewayInSync, .good, "Applied", "Kong matches.", at: Self.start)
        let state = RolloutState(rollout: rollout, view: view, viewNumber: 2)
        let value = try JSONValue(parsing: ResourceWriter.bytes(of: state, at: Self.start))
        #expect(value["service"]?["name"] == "s" && value["upstream"]?["name"] == "u")
        #expect(value["route"]?["name"] == "r" && value["url"] == "http://proxy/predict")
        #expect(value["stable"]?["targets"] == ["old.example:80"])
        #expect(value["step"]?["index"] == 1 && value["step"]?["waiting_for"] == ["time"])
        #expect(value["traffic"]?["asked_percent"]?.number?.literal == "50.0")
        #expect(value["traffic"]?["applied_percent"] == 49.99)
        #expect(value["targets"]?[0]?["weight"] == 1000)
        #expect(
            value["conditions"]?[0] == [
                "type": "gateway_in_sync", "status": "true", "reason": "Applied",
                "message": "Kong matches.", "since": "2025-11-23T09:05:00.000Z",
            ])
    }
}
