import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Sandbox
import Testing

@Suite struct ProxyTests {
    @Test func `80 to 20 is exact over whole turns`() async throws {
        try await World.run { world in
            try await world.setUp(stable: 80, canary: 20)
            for _ in 0..<100 {
                let reply = try await world.get("/predict")
                #expect(reply.status == 200)
            }
            #expect(world.count("stable") == 80)
            #expect(world.count("canary") == 20)
        }
    }

    @Test func `a weight is live when its PATCH returns, and no request fails meanwhile`()
        async throws
    {
        try await World.run { world in
            try await world.setUp(stable: 1000, canary: 0)
            let probes = Task {
                var failed = 0
                while !Task.isCancelled {
                    if try await world.get("/predict").status != 200 { failed += 1 }
                }
                return failed
            }
            for weight in [10, 50, 250, 1000, 0] {
                try await world.setWeight(weight, of: "canary")
            }
            let before = world.count("canary")
            for _ in 0..<100 { _ = try await world.get("/predict") }
            probes.cancel()
            let failed = try? await probes.value
            #expect(world.count("canary") <= before + 1)
            #expect(failed ?? 0 == 0)
        }
    }

    @Test func `a dead peer is hidden by the next one`() async throws {
        try await World.run { world in
            try await world.setUp(stable: 80, canary: 20)
            await world.kong.models[1].stop()
            for _ in 0..<50 {
                let reply = try await world.get("/predict")
                #expect(reply.status == 200)
            }
            _ = try await world.admin("PATCH", "/services/svc", #"{"retries": 0}"#)
            try await world.until { try await world.get("/predict").status == 502 }
        }
    }

    @Test func `a peer outside the sandbox is reached over HTTP, and one that is dead is passed over`()
        async throws
    {
        let configuration = with(SandboxConfiguration()) {
            $0.models = [ModelSpecification(name: "far", host: "127.0.0.1", port: 0)]
        }
        let other = try await SandboxKong.start(configuration)
        let gone = try await SandboxKong.start(configuration)
        await gone.models[0].stop()
        try await World.run { world in
            try await world.setUp(stable: 0, canary: 0)
            for (port, weight) in [(other.models[0].port, 2), (gone.models[0].port, 1)] {
                let json = #"{"target": "127.0.0.1:\#(port)", "weight": \#(weight)}"#
                #expect(try await world.admin("POST", "/upstreams/up/targets", json).status == 201)
            }
            for _ in 0..<12 {
                let reply = try await world.get("/predict")
                #expect(reply.body.contains("far"))
            }
            #expect(other.models[0].counts.requests == 12)
        }
        await other.stop()
        await gone.stop()
    }

    @Test func `a model slower than the service allows is a 504`() async throws {
        try await World.run { world in
            try await world.setUp(stable: 1, canary: 0)
            _ = try await world.admin(
                "PATCH", "/services/svc", #"{"read_timeout": 20, "retries": 0}"#)
            world.kong.models[0].behaviour.latency = .milliseconds(500)
            try await world.until { try await world.get("/predict").status == 504 }
        }
    }

    @Test func `an upstream named like a direct service's host takes its traffic at once`() async throws {
        try await World.run { world in
            let host = #"{"name": "direct", "host": "stable.example.com"}"#
            _ = try await world.admin("POST", "/services", host)
            let route = #"{"name": "d", "paths": ["/direct"], "preserve_host": true}"#
            _ = try await world.admin("POST", "/services/direct/routes", route)
            try await world.until { try await world.get("/direct").body.contains("stable") }
            _ = try await world.admin("POST", "/upstreams", #"{"name": "stable.example.com"}"#)
            #expect(try await world.get("/direct").status == 503)
            let target = #"{"target": "canary.example.com:80"}"#
            _ = try await world.admin("POST", "/upstreams/stable.example.com/targets", target)
            #expect(try await world.get("/direct").body.contains("canary"))
        }
    }

    @Test func `no weight at all is a 503 in Kong's words`() async throws {
        try await World.run { world in
            try await world.setUp(stable: 0, canary: 0)
            let reply = try await world.get("/predict")
            #expect(reply.status == 503)
            #expect(reply.body.contains("failure to get a peer from the ring-balancer"))
        }
    }

    @Test func `a path without a route is a 404 with a request id`() async throws {
        try await World.run { world in
            try await world.setUp(stable: 1, canary: 0)
            let reply = try await world.get("/elsewhere")
            #expect(reply.status == 404)
            #expect(reply.body.contains("no Route matched with those values"))
            #expect(reply.body.contains("request_id"))
        }
    }

    @Test func `an unhealthy target's share goes to the others`() async throws {
        try await World.run { world in
            try await world.setUp(stable: 95, canary: 5)
            let path = "/upstreams/up/targets/stable.example.com:80/unhealthy"
            let refused = try await world.admin("PUT", path, nil)
            #expect(refused.status == 400)
            #expect(refused.body.contains("no healthchecker found for up"))
        }
        let checks = #", "healthchecks": {"passive": {"unhealthy": {"http_failures": 9}}}"#
        try await World.run { world in
            try await world.setUp(stable: 95, canary: 5, hash: checks)
            let path = "/upstreams/up/targets/stable.example.com:80/unhealthy"
            #expect(try await world.admin("PUT", path, nil).status == 204)
            for _ in 0..<40 { _ = try await world.get("/predict") }
            #expect(world.count("canary") == 40)
        }
    }

    @Test func `requests without the hashed header all go to one version`() async throws {
        try await World.run { world in
            try await world.setUp(
                stable: 90, canary: 10, hash: #", "hash_on": "header", "hash_on_header": "user""#)
            for _ in 0..<50 { _ = try await world.get("/predict") }
            #expect([0, 50].contains(world.count("canary")))
        }
    }

    @Test func `a model fails and waits as it is told over HTTP`() async throws {
        try await World.run { world in
            try await world.setUp(stable: 1, canary: 0)
            let told = try await world.admin(
                "PATCH", "/sandbox/models/stable", #"{"error_rate": 0.25, "reset": true}"#)
            #expect(told.status == 200)
            var failures = 0
            for _ in 0..<40 where try await world.get("/predict").status == 500 { failures += 1 }
            #expect(failures == 10)
            #expect(world.count("stable") == 40)
            #expect(world.kong.models[0].counts.errors == 10)
        }
    }
}

private func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var copy = value
    change(&copy)
    return copy
}
