import Testing

@testable import Sandbox

@Suite struct DBLessTests {
    private static let yaml = """
        _format_version: "3.0"
        services:
        - name: svc
          host: up
          routes:
          - name: r
            paths: [/predict]
        upstreams:
        - name: up
          targets:
          - target: stable.example.com:80
            weight: 3
          - target: canary.example.com:80
            weight: 1
        """

    @Test func `YAML is live at once, and what it exports loads again`() async throws {
        try await World.run(dbless: true) { world in
            let loaded = try await world.admin(
                "POST", "/config", Self.yaml, type: "application/yaml")
            #expect(loaded.status == 201)
            for _ in 0..<8 {
                let reply = try await world.get("/predict")
                #expect(reply.status == 200)
            }
            #expect(world.count("stable") == 6)
            let text = try await world.admin("GET", "/config", nil).body
            #expect(try await world.admin("POST", "/config", text).status == 201)
            #expect(try await world.admin("POST", "/config?check_hash=1", text).status == 304)
        }
    }

    @Test func `what leads nowhere is refused, and the old configuration stays`() async throws {
        try await World.run(dbless: true) { world in
            _ = try await world.admin("POST", "/config", Self.yaml, type: "application/yaml")
            let refused = try await world.admin(
                "POST", "/config",
                #"{"_format_version":"3.0","routes":[{"name":"x","service":"none","paths":["/"]}]}"#)
            #expect(refused.status == 400)
            #expect(refused.body.contains("invalid reference 'service: none'"))
            let bobby = try await world.admin("POST", "/config", #"{"config":"bobby tables"}"#)
            #expect(bobby.body.contains("expected an object"))
            #expect(try await world.get("/predict").status == 200)
        }
    }
}
