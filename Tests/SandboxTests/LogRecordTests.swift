import JSONText
import NIOHTTP1
@testable import Sandbox
import Testing

@Suite struct LogRecordTests {
    static let quick = #""queue": {"max_batch_size": 10, "max_coalescing_delay": 0.01}"#
    static let open: Set = [".request.headers", ".response.headers", ".request.querystring"]

    /// A world whose route has an `http-log`, and what was posted of `count` requests.
    private static func records(
        stable: Int = 1, canary: Int = 0, count: Int = 1, function: String? = nil,
        path: String = "/predict?i=2", headers: HTTPHeaders = [:],
        prepare: (World) async throws -> Void = { _ in }
    ) async throws -> [JSONValue] {
        let posts = Posts()
        try await World.run(posting: posts.take) { world in
            try await world.setUp(stable: stable, canary: canary)
            try await world.log(quick)
            if let function { try await world.plugin(function) }
            try await prepare(world)
            for _ in 0..<count { _ = try await world.get(path, headers: headers) }
            try await world.until { posts.records.count >= count }
        }
        #expect(posts.records.count == count)
        return posts.records
    }

    static func function(
        _ score: String, cut: String = "slim", name: String = "post-function",
        tags: String = #""kong-rollouts", "rollout:x""#
    ) -> String {
        #"""
        {"name": "\#(name)", "tags": [\#(tags)], "config": {"header_filter":
        ["-- kong-rollouts \#(cut) 1; score=\#(score)\nreturn function() end"]}}
        """#
    }

    @Test func `a full record has the members that Kong's has, each of its kind`() async throws {
        let record = try #require(try await Self.records().first)
        let recorded = try JSONValue(parsing: RecordedRecords.full)
        #expect(record.shape(open: Self.open) == recorded.shape(open: Self.open))
        #expect(record["source"] == "upstream")
        #expect(record["upstream_status"] == "200")
        #expect(record["upstream_uri"] == "/?i=2")
        #expect(record["request"]?["uri"] == "/predict?i=2")
        #expect(record["request"]?["id"]?.string?.count == 32)
        #expect(record["response"]?["headers"]?["x-kong-request-id"] == record["request"]?["id"])
        #expect(record["route"]?["service"]?["id"] == record["service"]?["id"])
        #expect(record["service"]?["host"] == "up")
        #expect(record["tries"]?.array?.count == 1)
        #expect(record["tries"]?.array?[0]["port"] == 80)
    }

    @Test(
        arguments: [
            ("header:x-model-score", "post-function"), ("json:score", "pre-function"),
        ])
    func `our function makes a record slim and adds target and score`(
        _ score: String, _ name: String
    ) async throws {
        let record = try #require(
            try await Self.records(function: Self.function(score, name: name)).first)
        #expect(record.shape() == Self.withNumber(try JSONValue(parsing: RecordedRecords.slim)))
        #expect(record["target"] == "stable.example.com:80")
        let number = try #require(record["score"]?.double)
        #expect(number > 0 && number < 1)
    }

    /// The function that was recorded handed its score on as text; ours makes it a number.
    private static func withNumber(_ recorded: JSONValue) -> Set<String> {
        recorded.shape().subtracting([".score string"]).union([".score number"])
    }

    @Test(arguments: [("named", ["route"], ["client_ip"]), ("whole", ["route", "client_ip"], [])])
    func `a function that cuts less leaves more`(
        _ cut: String, _ kept: [String], _ gone: [String]
    ) async throws {
        let record = try #require(
            try await Self.records(function: Self.function("json:score", cut: cut)).first)
        #expect(kept.allSatisfy { record[$0] != nil })
        #expect(gone.allSatisfy { record[$0] == nil })
        #expect((record["request"]?["headers"] == nil) == (cut == "named"))
        #expect(record["target"] == "stable.example.com:80")
        #expect(record["score"]?.double != nil)
    }

    @Test func `without a score to look for there is none`() async throws {
        let record = try #require(
            try await Self.records(function: Self.function("none")).first)
        #expect(record["score"] == nil)
        #expect(record["target"] != nil)
    }

    @Test func `a function that is not ours does nothing`() async throws {
        let stranger = Self.function("none", tags: #""somebody-else""#)
        let record = try #require(try await Self.records(function: stranger).first)
        #expect(record["route"] != nil)
        #expect(record["target"] == nil)
    }

    @Test func `a failed try stands before the one that answered`() async throws {
        let records = try await Self.records(
            stable: 1, canary: 1, count: 8, function: Self.function("json:score")
        ) { await $0.kong.models[1].stop() }
        let failed = records.filter { $0["tries"]?.array?.count ?? 0 > 1 }
        let recorded = try JSONValue(parsing: RecordedRecords.afterAFailedTry)
        #expect(!failed.isEmpty)
        for record in failed {
            let tries = try #require(record["tries"]?.array)
            #expect(record.shape() == Self.withNumber(recorded))
            #expect(record["upstream_status"] == "502, 200")
            #expect(record["target"] == "stable.example.com:80")
            #expect(tries[0]["state"] == "failed")
            #expect(tries[0]["code"] == 502)
            #expect(tries[1]["code"] == nil)
            #expect(tries[0]["ip"] != tries[1]["ip"])
        }
    }

    @Test func `when every try failed the last one carries the answer's status`() async throws {
        let records = try await Self.records(function: Self.function("none")) { world in
            _ = try await world.admin("PATCH", "/services/svc", #"{"retries": 1}"#)
            try await world.settled()
            await world.kong.models[0].stop()
        }
        let record = try #require(records.first)
        #expect(record["source"] == "kong")
        #expect(record["upstream_status"] == "502, 502")
        #expect(record["response"]?["status"] == 502)
        #expect(record["tries"]?.array?.map { $0["code"] } == [502, 502])
        #expect(record["target"] == "stable.example.com:80")
    }

    @Test func `a failure that the model worded has no code as long as tries were left`() async throws {
        let records = try await Self.records { $0.kong.models[0].behaviour.errorRate = 1 }
        let record = try #require(records.first)
        #expect(record["source"] == "upstream")
        #expect(record["upstream_status"] == "500")
        #expect(record["tries"]?.array?[0]["code"] == nil)
    }

    @Test func `without a peer there are no tries`() async throws {
        let record = try #require(
            try await Self.records(stable: 0, function: Self.function("none")).first)
        #expect(record["tries"]?.array?.isEmpty == true)
        #expect(record["latencies"]?["proxy"] == -1)
        #expect(record["response"]?["status"] == 503)
        #expect(record["source"] == "kong")
        #expect(record["upstream_status"] == "")
        #expect(record["target"] == nil)
    }

    @Test func `credentials are hidden, cookies are not, and repeated names have lists`() async throws {
        let headers: HTTPHeaders = [
            "Authorization": "Basic x", "Cookie": "a=1", "X-Two": "1", "x-two": "2",
        ]
        let record = try #require(
            try await Self.records(path: "/predict?a=1&a=%20&b&c=+d", headers: headers).first)
        let sent = try #require(record["request"]?["headers"])
        #expect(sent["authorization"] == "REDACTED")
        #expect(sent["cookie"] == "a=1")
        #expect(sent["x-two"] == ["1", "2"])
        #expect(
            record["request"]?["querystring"] == ["a": ["1", " "], "b": true, "c": " d"])
    }

    @Test func `the time a model takes is the proxy's latency`() async throws {
        let records = try await Self.records { $0.kong.models[0].behaviour.latency = .milliseconds(40) }
        let latencies = try #require(records.first?["latencies"])
        #expect(latencies["proxy"]?.int ?? 0 >= 39)
        #expect(latencies["request"]?.int ?? 0 >= latencies["proxy"]?.int ?? 0)
    }

    @Test(
        arguments: [
            (#"{"score": 0.25}"#, 0.25), (#"{"a":{"score" :-2e-1 }}"#, -0.2),
            (#"{"score": "no", "score": 3}"#, 3), (#"{"score": --1}"#, nil), (#"{"scores": 1}"#, nil),
            (#"{"score": 1e301}"#, nil), (#"{"score":"#, nil), ("", nil), (#"{"score": 7"#, 7),
        ])
    func `a score is looked for as our function does`(_ body: String, _ score: Double?) throws {
        let plugin = try #require(LuaValue(json: Array(Self.function("json:score").utf8))?.table)
        let slimming = try #require(Slimming(plugin))
        #expect(slimming.score(inJSON: Array(body.utf8)) == score)
    }

    @Test(arguments: [
        (1_795_427_117_416_812_345, "1.7954271174168e+18"),
        (1_795_427_117_400_000_000, "1.7954271174e+18"),
        (1_795_427_000_000_049_999, "1.795427e+18"),
    ])
    func `nanoseconds are cut as Lua's encoder cuts them`(_ nanoseconds: Int, _ text: String) {
        #expect(String(decoding: LogRecord.fourteenDigits(nanoseconds), as: UTF8.self) == text)
    }
}
