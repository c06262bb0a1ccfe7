import AsyncHTTPClient
import Foundation
import JSONText

/// One rollout promoted, one aborted, each share measured at the proxy while other requests go on.
struct DemoStory {
    private let service: ServiceClient
    private let load: ProxyLoad
    private let requests: Int
    private static let steps = [5, 20, 50, 100]

    init(service: ServiceClient, proxy: String, requests: Int) {
        self.service = service
        self.requests = requests
        load = ProxyLoad(http: service.http, url: proxy + "/predict")
    }

    /// Returns whether everything was as it should be.
    func tell() async throws -> Bool {
        print("\nA climb to promotion: \(requests) requests and those beside them measured at each share")
        print(DemoTable.head)
        _ = try await create("demo-promoted")
        try await waitUntilServed()
        let trickle = Task { await load.trickle() }
        var isGood = try await climb("demo-promoted", through: Self.steps)
        _ = try await service.call("POST", "/v1/rollouts/demo-promoted/promote")
        isGood = await report("promoted", asked: 100) && isGood

        print("\nBack, then an abort at 50 %")
        print(DemoTable.head)
        try await undo("demo-promoted")
        _ = try await create("demo-aborted")
        isGood = try await climb("demo-aborted", through: [5, 20, 50]) && isGood
        let aborted = try await service.call(
            "POST", "/v1/rollouts/demo-aborted/abort", ["reason": "the demo's second act"])
        let after = await load.measure(500)
        print(DemoTable.row("aborted", asked: 0, applied: Self.applied(aborted), after))
        isGood = after.canary == 0 && after.failed == 0 && isGood

        trickle.cancel()
        await trickle.value
        let seen = load.seen
        print("\n\(seen.total) other requests went on meanwhile, \(seen.failed) failed")
        return seen.failed == 0 && isGood
    }

    /// The stable/canary split of the README's first example.
    private func create(_ name: String) async throws -> JSONValue {
        try await service.call(
            "POST", "/v1/rollouts",
            [
                "name": .string(name),
                "service": ["name": "ml-service"], "upstream": ["name": "ml-upstream"],
                "route": ["name": "ml-route", "paths": ["/predict"], "methods": ["GET"]],
                "stable": ["version": "v6", "targets": ["stable-version.example.com:80"]],
                "canary": ["version": "v7", "targets": ["canary-version.example.com:80"]],
                "steps": .array(Self.steps.map { .number(JSONNumber($0)) }), "drain": "0s",
                "analysis": ["enabled": false],
            ])
    }

    /// A new route takes Kong some seconds; until then there is nothing to measure.
    private func waitUntilServed() async throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(20)
        while await load.measure(1).failed > 0 {
            guard clock.now < end else {
                throw ServiceClient.Unexpected(description: "the route was not served in 20 s")
            }
            try await clock.sleep(for: .milliseconds(50))
        }
    }

    private func climb(_ name: String, through shares: [Int]) async throws -> Bool {
        var isGood = true
        for (index, share) in shares.enumerated() {
            let state: JSONValue
            if index == 0 {
                state = try await settled(name, in: "holding")
            } else {
                state = try await service.call(
                    "POST", "/v1/rollouts/\(name)/step", ["to": .number(JSONNumber(index))])
            }
            let counts = await load.split(over: requests)
            print(
                DemoTable.row(
                    state["phase"]?.string ?? "?", asked: share, applied: Self.applied(state),
                    counts))
            isGood = isGood && counts.failed == 0 && abs(counts.percent - Double(share)) <= 1
                && Self.applied(state).map { abs($0 - Double(share)) <= 0.05 } ?? false
        }
        return isGood
    }

    /// The old version back: a rollout with it as canary, straight to all traffic.
    private func undo(_ name: String) async throws {
        _ = try await service.call(
            "POST", "/v1/rollouts",
            [
                "name": "demo-undo", "route": ["name": "ml-route"],
                "stable": ["version": "v7", "targets": ["canary-version.example.com:80"]],
                "canary": ["version": "v6", "targets": ["stable-version.example.com:80"]],
                "steps": [["percent": 100, "hold": [:]]], "drain": "0s",
                "analysis": ["enabled": false],
            ])
        let state = try await settled("demo-undo", in: "promoted")
        let counts = await load.measure(200)
        print(
            DemoTable.row("undone", asked: 100, applied: Self.applied(state), counts.turned))
    }

    private func settled(_ name: String, in phase: String) async throws -> JSONValue {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(30)
        while true {
            let state = try await service.call("GET", "/v1/rollouts/\(name)")
            if state["phase"]?.string == phase { return state }
            guard clock.now < end else {
                throw ServiceClient.Unexpected(
                    description: "\(name) did not reach \(phase) in 30 s: \(state)")
            }
            try await clock.sleep(for: .milliseconds(20))
        }
    }

    private func report(_ phase: String, asked: Int) async -> Bool {
        let counts = await load.split(over: requests)
        print(DemoTable.row(phase, asked: asked, applied: Double(asked), counts))
        return counts.failed == 0 && abs(counts.percent - Double(asked)) <= 1
    }

    private static func applied(_ state: JSONValue) -> Double? {
        state["traffic"]?["applied_percent"]?.double
    }
}

extension ProxyLoad.Counts {
    /// The same with the two models' parts exchanged.
    fileprivate var turned: ProxyLoad.Counts {
        ProxyLoad.Counts(stable: canary, canary: stable, failed: failed)
    }
}
