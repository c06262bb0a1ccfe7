import AsyncHTTPClient
import JSONText
import NIOCore
import NIOHTTP1
@testable import Sandbox
import Testing

@Suite struct ModelTests {
    @Test func `scores follow their median and spread, and a seed repeats them`() {
        func scores(_ median: Double, seed: UInt64) -> [Int] {
            var behaviour = ModelBehaviour()
            behaviour.scoreMedian = median
            var numbers = SeededNumbers(seed: seed)
            return (0..<10_000).map { _ in behaviour.score(using: &numbers) }
        }
        let (usual, drifted) = (scores(0.3, seed: 1), scores(0.46, seed: 2))
        #expect(scores(0.3, seed: 1) == usual)
        #expect(abs(usual.sorted()[5000] - 3000) < 100)
        #expect(abs(drifted.sorted()[5000] - 4600) < 100)
        let cut = 3800
        let distance = Double(usual.count { $0 <= cut } - drifted.count { $0 <= cut }) / 10_000
        #expect(abs(distance - 0.33) < 0.03)
        #expect(usual.allSatisfy { (1...9999).contains($0) })
    }

    @Test func `latency is fixed without a spread, and log-normal with one`() {
        var behaviour = ModelBehaviour()
        behaviour.latency = .milliseconds(20)
        var numbers = SeededNumbers(seed: 3)
        #expect(behaviour.latency(using: &numbers) == .milliseconds(20))
        behaviour.latencySpread = 0.5
        let times = (0..<10_000).map { _ in behaviour.latency(using: &numbers) / .milliseconds(1) }.sorted()
        #expect(abs(times[5000] - 20) < 1)
        #expect(abs(times[8413] - 20 * 1.6487) < 2)
        behaviour.latency = .seconds(60)
        #expect((0..<100).allSatisfy { _ in behaviour.latency(using: &numbers) <= .seconds(60) })
    }

    @Test func `two models with one seed give the same scores, in body and header`() async throws {
        var configuration = SandboxConfiguration()
        configuration.models = ["a", "b"].map {
            ModelSpecification(name: $0, host: "127.0.0.1", port: 0, seed: 5)
        }
        let kong = try await SandboxKong.start(configuration)
        var scores: [[String]] = []
        for model in kong.models {
            var own: [String] = []
            for _ in 0..<5 {
                let response = try await HTTPClient.shared.execute(
                    HTTPClientRequest(url: "http://127.0.0.1:\(model.port)/"), timeout: .seconds(10))
                let body = String(buffer: try await response.body.collect(upTo: 1 << 16))
                let score = try #require(response.headers.first(name: "x-model-score"))
                #expect(body == #"{"model":"\#(model.name)","score":\#(score)}"#)
                own.append(score)
            }
            scores.append(own)
        }
        await kong.stop()
        #expect(scores[0] == scores[1])
        #expect(Set(scores[0]).count > 1)
    }

    @Test func `a model dies and comes back on command`() async throws {
        try await World.run { world in
            try await world.setUp(stable: 0, canary: 1)
            _ = try await world.admin("PATCH", "/services/svc", #"{"retries": 0}"#)
            #expect(try await world.tell("canary", "PATCH", #"{"up": false}"#)["up"] == false)
            #expect(try await world.get("/predict").status == 502)
            #expect(try await world.tell("canary", "PATCH", #"{"up": true}"#)["up"] == true)
            #expect(try await world.get("/predict").status == 200)
            let port = try #require(world.kong.model(named: "canary")).port
            let direct = HTTPClientRequest(url: "http://127.0.0.1:\(port)/")
            #expect(try await HTTPClient.shared.execute(direct, timeout: .seconds(10)).status == .ok)
            await world.kong.models[1].stop()
            let client = UpstreamClient()
            let place = NameTable.Endpoint(ip: "", dialHost: "127.0.0.1", dialPort: port)
            await #expect(throws: UpstreamClient.Failure.noConnection) {
                try await client.send(
                    "GET", to: place, target: "/", headers: [], body: [], timeout: .seconds(10))
            }
            await client.stop()
        }
    }

    @Test func `PATCH changes what it names, PUT begins anew`() async throws {
        try await World.run { world in
            let body = #"{"error_rate": 0.3, "latency_ms": 5, "latency_spread": 0.2, "score_median": 0.6}"#
            _ = try await world.tell("canary", "PATCH", body)
            let changed = try await world.tell("canary", "PATCH", #"{"score_spread": 1}"#)
            #expect(changed["error_rate"] == 0.3)
            #expect(changed["score_median"] == 0.6)
            #expect(world.kong.model(named: "canary")?.behaviour.latency == .milliseconds(5))
            let anew = try await world.tell("canary", "PUT", #"{"error_rate": 0.1}"#)
            #expect(anew["latency_ms"] == 0)
            #expect(anew["score_median"] == 0.3)
            #expect(world.kong.model(named: "canary")?.behaviour.errorRate == 0.1)
        }
    }

    @Test(
        arguments: [
            (#"{"error_rate": 1.1}"#, "expected a number 0...1"),
            (#"{"latency_ms": "x"}"#, "expected a number 0...60000"),
            (#"{"score_median": 1}"#, "expected a number 0.001...0.999"),
            (#"{"up": 1}"#, "expected a boolean"), (#"{"colour": 1}"#, "unknown field"),
        ])
    func `a command without meaning changes nothing`(_ body: String, _ reason: String) async throws {
        try await World.run { world in
            let path = "/sandbox/models/stable"
            let whole = String(body.dropLast()) + #", "score_spread": 2}"#
            let reply = try await world.admin("PATCH", path, whole)
            #expect(reply.status == 400)
            #expect(reply.body.contains(reason))
            #expect(world.kong.models[0].behaviour == world.kong.models[0].initialBehaviour)
            #expect(try await world.admin("PATCH", "/sandbox/models/none", body).status == 404)
        }
    }
}

extension World {
    /// A command to a model, and its answer.
    func tell(_ model: String, _ method: String, _ body: String) async throws -> JSONValue {
        let reply = try await admin(method, "/sandbox/models/\(model)", body)
        #expect(reply.status == 200, "\(reply.body)")
        return try JSONValue(parsing: reply.body)
    }
}
