import AsyncHTTPClient
import Foundation
import JSONText
import NIOCore
import NIOHTTP1
import Sandbox

/// A canary that turns bad at 20 %, and is taken back by the service itself.
struct DemoJudgement {
    private let service: ServiceClient
    private let sandbox: SandboxKong
    private let load: ProxyLoad
    private let traffic: DemoTraffic
    private let clock = ContinuousClock()

    private static let name = "demo-judged"
    private static let errorRate = 0.3
    /// 250 requests a second, 50 of them to the canary.
    private static let period = Duration.milliseconds(4)
    /// How long the canary's weight may stay above 0 after its first bad answer.
    private static let bound = Duration.seconds(5)

    init(service: ServiceClient, sandbox: SandboxKong, proxy: String) {
        self.service = service
        self.sandbox = sandbox
        load = ProxyLoad(http: service.http, url: proxy + "/predict")
        traffic = DemoTraffic(http: service.http, url: proxy + "/predict")
    }

    /// Returns whether everything was as it should be.
    func tell() async throws -> Bool {
        print("\nA canary that turns bad at 20 %: 250 requests a second, nobody watching")
        guard let model = sandbox.model(named: "canary"), let admin = sandbox.adminURLs.first else {
            throw ServiceClient.Unexpected(description: "the stand-in has no canary")
        }
        _ = try await service.call("POST", "/v1/rollouts", Self.document)
        _ = try await reached("holding", within: .seconds(30))
        let flow = Task { await traffic.flow(every: Self.period) }
        let outcome: Result<Bool, any Error>
        do { outcome = .success(try await turn(model, admin)) } catch { outcome = .failure(error) }
        flow.cancel()
        await flow.value
        model.behaviour.errorRate = 0
        let isBack = try outcome.get()

        let after = await load.measure(500)
        print("the next 500 requests: \(after.canary) to the canary, \(after.failed) failed")
        let state = try await reached("aborted", within: .seconds(30))
        let by = state["cause"]?["by"]?.string ?? "nobody"
        print("aborted by \(by): \(state["cause"]?["message"]?.string ?? "")")
        return isBack && after.canary == 0 && after.failed == 0 && by == "judge"
    }

    /// Makes the canary bad once its health was seen, and waits until Kong gives it nothing.
    private func turn(_ model: ModelServer, _ admin: String) async throws -> Bool {
        try await wait(upTo: .seconds(30), for: "150 good answers and their records") {
            traffic.seen.canaryGood >= 150 && sandbox.logTally().delivered >= 500
        }
        let healthy = traffic.seen
        print(
            "healthy: \(healthy.canaryGood + healthy.canaryBad) canary answers of "
                + "\(healthy.requests), \(healthy.canaryBad) bad")
        model.behaviour.errorRate = Self.errorRate
        try await wait(upTo: .seconds(30), for: "a bad answer") { traffic.seen.firstBad != nil }
        try await wait(upTo: .seconds(60), for: "canary weight 0 in Kong") {
            try await weight(at: admin) == 0
        }
        let end = clock.now
        let seen = traffic.seen
        guard let start = seen.firstBad else { return false }
        print(
            "first bad answer → canary weight 0 in Kong: "
                + String(format: "%.2f s", (end - start) / .seconds(1))
                + ", after \(seen.canaryBad) bad answers")
        return end - start <= Self.bound
    }

    private static let document: JSONValue = [
        "name": .string(name), "route": ["name": "ml-route"],
        "stable": ["version": "v6", "targets": ["stable-version.example.com:80"]],
        "canary": ["version": "v8", "targets": ["canary-version.example.com:80"]],
        "steps": [20, 50, 100], "drain": "0s",
        "analysis": ["checks": [["metric": "error_rate", "max_increase": 0.01]]],
    ]

    private func reached(_ phase: String, within limit: Duration) async throws -> JSONValue {
        var state = JSONValue.null
        try await wait(upTo: limit, for: "\(Self.name) to be \(phase)") {
            state = try await service.call("GET", "/v1/rollouts/\(Self.name)")
            return state["phase"]?.string == phase
        }
        return state
    }

    /// The weight by which the stand-in's live balancer goes; nil: it does not say.
    private func weight(at admin: String) async throws -> Int? {
        let response = try await service.http.execute(
            HTTPClientRequest(url: admin + "/upstreams/ml-upstream/health"), timeout: .seconds(5))
        let body = try await response.body.collect(upTo: 1 << 20)
        let targets = try JSONValue(parsing: Array(buffer: body))["data"]?.array ?? []
        return targets.first { $0["target"]?.string == "canary-version.example.com:80" }?["data"]?[
            "nodeWeight"]?.int
    }

    private func wait(
        upTo limit: Duration, for what: String, until condition: () async throws -> Bool
    ) async throws {
        let end = clock.now + limit
        while try await !condition() {
            guard clock.now < end else {
                throw ServiceClient.Unexpected(
                    description: "waited \(limit) in vain for \(what)")
            }
            try await clock.sleep(for: .milliseconds(5))
        }
    }
}
