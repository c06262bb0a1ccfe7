import JSONText
import NIOHTTP1
@testable import Sandbox
import Testing

/// Which `http-log` a request's record goes to.
@Suite struct LogScopeTests {
    private static func row(_ text: String) throws -> Row {
        try #require(LuaValue(json: Array(text.utf8))?.table)
    }

    private static func plugin(_ name: String, _ scope: String = "") throws -> Row {
        try row(#"{"name": "http-log", "config": {"http_endpoint": "http://\#(name)/"}\#(scope)}"#)
    }

    private static let onRoute = #", "route": {"id": "r"}"#
    private static let onService = #", "service": {"id": "s"}"#

    private static func endpoint(_ plugins: [Row], route: String = "r") throws -> String? {
        let table = PluginTable(
            plugins: plugins,
            routes: [try row(#"{"id": "r", "service": {"id": "s"}}"#), try row(#"{"id": "other"}"#)],
            services: [try row(#"{"id": "s"}"#)])
        return table.chain(route: route).log?.url
    }

    @Test func `the most specific wins, whatever their order`() throws {
        var plugins = [
            try Self.plugin("global"), try Self.plugin("service", Self.onService),
            try Self.plugin("route", Self.onRoute),
            try Self.plugin("both", Self.onRoute + Self.onService),
        ]
        for winner in ["both", "route", "service", "global"] {
            #expect(try Self.endpoint(plugins) == "http://\(winner)/")
            #expect(try Self.endpoint(plugins.reversed()) == "http://\(winner)/")
            plugins.removeLast()
        }
        #expect(try Self.endpoint(plugins) == nil)
    }

    @Test func `one that is disabled, or for another route, leaves the request to the next`() throws {
        let global = try Self.plugin("global")
        let disabled = try Self.plugin("route", Self.onRoute + #", "enabled": false"#)
        #expect(try Self.endpoint([global, disabled]) == "http://global/")
        let elsewhere = try Self.plugin("route", #", "route": {"id": "other"}"#)
        #expect(try Self.endpoint([global, elsewhere]) == "http://global/")
        #expect(try Self.endpoint([global, elsewhere], route: "other") == "http://route/")
        let grpc = try Self.plugin("route", Self.onRoute + #", "protocols": ["grpc"]"#)
        #expect(try Self.endpoint([global, grpc]) == "http://global/")
    }

    @Test func `a global one takes the requests that no route takes, too`() async throws {
        let posts = Posts()
        try await World.run(posting: posts.take) { world in
            try await world.setUp(stable: 1, canary: 0)
            try await world.log(LogRecordTests.quick, on: "")
            #expect(try await world.get("/predict-nothing", method: .PUT).status == 200)
            _ = try await world.admin("DELETE", "/routes/r", nil)
            try await world.until { try await world.get("/predict").status == 404 }
            try await world.until { posts.records.contains { $0["route"] == nil } }
        }
        let record = try #require(posts.records.first { $0["route"] == nil })
        #expect(record["response"]?["status"] == 404)
        #expect(record["source"] == "kong")
        #expect(record["latencies"]?["proxy"] == -1)
    }

    @Test func `records stop when the plugin is gone`() async throws {
        let posts = Posts()
        try await World.run(posting: posts.take) { world in
            try await world.setUp(stable: 1, canary: 0)
            try await world.log(LogRecordTests.quick)
            _ = try await world.get("/predict")
            try await world.until { posts.records.count == 1 }
            let list = try await world.admin("GET", "/routes/r/plugins", nil)
            let id = try JSONValue(parsing: list.body)["data"]?.array?.first?["id"]?.string
            _ = try await world.admin("DELETE", "/plugins/\(try #require(id))", nil)
            try await world.settled()
            _ = try await world.get("/predict")
            try await world.log(LogRecordTests.quick)
            _ = try await world.get("/predict?last")
            try await world.until { posts.records.last?["request"]?["uri"] == "/predict?last" }
            #expect(posts.records.count == 2)
        }
    }

    @Test func `records travel over HTTP, and again when the receiver fails`() async throws {
        let receiver = try await SandboxKong.start(Self.receiving)
        let model = receiver.models[0]
        model.behaviour.errorRate = 0.5
        try await World.run { world in
            try await world.setUp(stable: 1, canary: 0)
            let endpoint = "http://127.0.0.1:\(model.port)/in?dropped"
            try await world.plugin(
                #"""
                {"name": "http-log", "config": {"http_endpoint": "\#(endpoint)",
                "queue": {"max_batch_size": 1}}}
                """#)
            for _ in 0..<10 { _ = try await world.get("/predict") }
            try await world.until { world.kong.logTally().delivered == 10 }
            #expect(world.kong.logTally().failedPosts == model.counts.errors)
            #expect(model.counts.errors >= 9)
            let told = try await world.admin("GET", "/sandbox/logs", nil)
            #expect(try JSONValue(parsing: told.body)["data"]?.array?[0]["delivered"] == 10)
        }
        await receiver.stop()
    }

    private static var receiving: SandboxConfiguration {
        var configuration = SandboxConfiguration()
        configuration.models = [ModelSpecification(name: "receiver", host: "127.0.0.1", port: 0)]
        return configuration
    }
}
