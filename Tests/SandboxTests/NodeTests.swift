import NIOCore
import Sandbox
import Testing

@Suite struct NodeTests {
    @Test func `another node follows a weight after its poll, and not before`() async throws {
        try await World.run(nodes: 2, poll: .milliseconds(400)) { world in
            try await world.setUp(stable: 80, canary: 20)
            try await world.until { try await world.nodeWeight(of: "canary", node: 1) == 20 }
            // A poll may come just after the PATCH, but hardly ten times in turn.
            var wasBehind = false
            for weight in 30..<40 where !wasBehind {
                try await world.setWeight(weight, of: "canary")
                #expect(try await world.nodeWeight(of: "canary", node: 0) == weight)
                wasBehind = try await world.nodeWeight(of: "canary", node: 1) != weight
                try await world.until { try await world.nodeWeight(of: "canary", node: 1) == weight }
            }
            #expect(wasBehind)
        }
    }

    @Test func `the same PATCH through the other node is live there at once`() async throws {
        try await World.run(nodes: 2, poll: .seconds(60)) { world in
            try await world.setUp(stable: 80, canary: 20, waitingFor: [0])
            _ = try await world.admin("PATCH", "/upstreams/up", #"{"slots": 1000}"#, node: 1)
            try await world.until { try await world.nodeWeight(of: "canary", node: 1) == 20 }
            try await world.setWeight(0, of: "canary")
            #expect(try await world.nodeWeight(of: "canary", node: 1) == 20)
            try await world.setWeight(0, of: "canary", node: 1)
            #expect(try await world.nodeWeight(of: "canary", node: 1) == 0)
        }
    }

    @Test func `a stuck node shows the right row and the wrong weight until one more PATCH`()
        async throws
    {
        try await World.run { world in
            try await world.setUp(stable: 75, canary: 25)
            world.kong.missRebuilds(onNode: 0)
            try await world.setWeight(0, of: "canary")
            #expect(try await world.rowWeight(of: "canary") == 0)
            #expect(try await world.nodeWeight(of: "canary", node: 0) == 25)
            for _ in 0..<40 { _ = try await world.get("/predict") }
            #expect(world.count("canary") == 10)
            try await world.setWeight(0, of: "canary")
            #expect(try await world.nodeWeight(of: "canary", node: 0) == 0)
        }
    }

    @Test func `without its database Kong answers 500 and serves on`() async throws {
        try await World.run { world in
            try await world.setUp(stable: 1, canary: 1)
            world.kong.isDatabaseUp = false
            #expect(try await world.admin("GET", "/services", nil).status == 500)
            #expect(try await world.admin("PATCH", "/upstreams/up", "{}").status == 500)
            let status = try await world.admin("GET", "/status", nil)
            #expect(status.status == 200)
            #expect(status.body.contains(#""reachable":false"#))
            #expect(try await world.get("/predict").status == 200)
            world.kong.isDatabaseUp = true
            #expect(try await world.admin("GET", "/services", nil).status == 200)
        }
    }

    @Test func `an Admin API that refuses connections listens again on its old port`() async throws {
        try await World.run { world in
            await world.kong.refuseAdmin(onNode: 0)
            await #expect(throws: (any Error).self) {
                try await world.admin("GET", "/status", nil, timeout: .milliseconds(300))
            }
            try world.kong.acceptAdmin(onNode: 0)
            #expect(try await world.admin("GET", "/status", nil).status == 200)
        }
    }

    @Test func `an Admin API that hangs answers once it is let go`() async throws {
        try await World.run { world in
            world.kong.setHanging(true, onNode: 0)
            let reply = Task { try await world.admin("GET", "/status", nil) }
            await #expect(throws: (any Error).self) {
                try await world.admin("GET", "/status", nil, timeout: .milliseconds(200))
            }
            world.kong.setHanging(false, onNode: 0)
            let status = try await reply.value.status
            #expect(status == 200)
        }
    }
}
