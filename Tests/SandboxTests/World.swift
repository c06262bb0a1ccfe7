import AsyncHTTPClient
import Foundation
import JSONText
import NIOCore
import NIOHTTP1
@testable import Sandbox
import Testing

/// A sandbox with two models on host names that it alone resolves.
struct World {
    struct Reply {
        let status: Int
        let body: String
    }

    let kong: SandboxKong

    static func run(
        nodes: Int = 1, poll: Duration = .milliseconds(50), dbless: Bool = false,
        posting: LogPost? = nil, _ body: (World) async throws -> Void
    ) async throws {
        var configuration = SandboxConfiguration()
        configuration.adminAddresses = Array(repeating: .init(), count: nodes)
        configuration.pollDelay = poll
        configuration.stateDelay = .milliseconds(30)
        configuration.isDBLess = dbless
        configuration.models = [
            ModelSpecification(name: "stable", host: "stable.example.com", port: 80),
            ModelSpecification(name: "canary", host: "canary.example.com", port: 80),
        ]
        let kong = try await SandboxKong.start(configuration, posting: posting)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(World(kong: kong))) } catch {
            outcome = .failure(error)
        }
        await kong.stop()
        try outcome.get()
    }

    /// Upstream `up`, service `svc` and route `/predict`, live on the nodes named.
    func setUp(
        stable: Int, canary: Int, hash: String = "", waitingFor nodes: [Int] = [0]
    ) async throws {
        try await made("/upstreams", #"{"name": "up"\#(hash)}"#)
        for (name, weight) in [("stable", stable), ("canary", canary)] {
            try await made(
                "/upstreams/up/targets",
                #"{"target": "\#(name).example.com:80", "weight": \#(weight)}"#)
        }
        try await made("/services", #"{"name": "svc", "host": "up"}"#)
        try await made("/services/svc/routes", #"{"name": "r", "paths": ["/predict"]}"#)
        for node in nodes {
            try await until { try await nodeWeight(of: "canary", node: node) == canary }
        }
        try await until { try await get("/predict").status != 404 }
        for model in kong.models { model.resetCounts() }
        // The first request took a slot of the wheel: a whole turn begins anywhere.
    }

    private func made(_ path: String, _ json: String) async throws {
        let reply = try await admin("POST", path, json)
        #expect(reply.status == 201, "\(reply.body)")
    }

    func count(_ model: String) -> Int {
        kong.models.first { $0.name == model }?.counts.requests ?? -1
    }

    func setWeight(_ weight: Int, of model: String, node: Int = 0) async throws {
        let path = "/upstreams/up/targets/\(model).example.com:80"
        let reply = try await admin("PATCH", path, #"{"weight": \#(weight)}"#, node: node)
        #expect(reply.status == 200, "\(reply.body)")
    }

    func rowWeight(of model: String) async throws -> Int? {
        let reply = try await admin("GET", "/upstreams/up/targets/\(model).example.com:80", nil)
        return try JSONValue(parsing: reply.body)["weight"]?.int
    }

    func nodeWeight(of model: String, node: Int) async throws -> Int? {
        let reply = try await admin("GET", "/upstreams/up/health", nil, node: node)
        let rows = try JSONValue(parsing: reply.body)["data"]?.array ?? []
        return rows.first { $0["target"]?.string == "\(model).example.com:80" }?["data"]?["nodeWeight"]?.int
    }

    /// An `http-log` plugin, live when this returns.
    ///
    /// - Parameter scope: where it is, `/routes/r` or nothing.
    func log(_ config: String, on scope: String = "/routes/r") async throws {
        let text = #"{"name": "http-log", "config": {"http_endpoint": "http://log/in", \#(config)}}"#
        try await plugin(text, on: scope)
    }

    /// Makes a plugin and waits until the node has taken it over.
    func plugin(_ json: String, on scope: String = "/routes/r") async throws {
        try await made(scope + "/plugins", json)
        try await settled()
    }

    /// A route made after everything else is served, so everything else is live.
    func settled() async throws {
        let path = "/settled-\(UInt32.random(in: 0...(.max)))"
        try await made("/routes", #"{"paths": ["\#(path)"], "methods": ["OPTIONS"]}"#)
        try await until { try await get(path, method: .OPTIONS).status != 404 }
        for model in kong.models { model.resetCounts() }
    }

    func get(_ path: String, method: HTTPMethod = .GET, headers: HTTPHeaders = [:]) async throws -> Reply {
        var request = HTTPClientRequest(url: kong.proxyURL + path)
        request.method = method
        request.headers = headers
        return try await send(request, timeout: .seconds(10))
    }

    @discardableResult
    func admin(
        _ method: String, _ path: String, _ json: String?, node: Int = 0,
        timeout: TimeAmount = .seconds(10), type: String = "application/json"
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: kong.adminURLs[node] + path)
        request.method = HTTPMethod(rawValue: method)
        if let json {
            request.headers.add(name: "Content-Type", value: type)
            request.body = .bytes(Array(json.utf8))
        }
        return try await send(request, timeout: timeout)
    }

    private func send(_ request: HTTPClientRequest, timeout: TimeAmount) async throws -> Reply {
        let response = try await HTTPClient.shared.execute(request, timeout: timeout)
        let body = try await response.body.collect(upTo: 4 << 20)
        return Reply(status: Int(response.status.code), body: String(buffer: body))
    }

    /// Asks until it is so, for at most ten seconds.
    func until(_ condition: () async throws -> Bool) async throws {
        try await eventually(condition)
    }
}

/// Asks until it is so, for at most ten seconds, and leaves the processor to others in between.
func eventually(_ condition: () async throws -> Bool) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(10)
    while try await !condition() {
        try #require(clock.now < end, "it never came to be")
        try await clock.sleep(for: .milliseconds(1))
    }
}
