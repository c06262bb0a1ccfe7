import Testing

@testable import KongAdmin

@Suite struct ClientTests {
    @Test func `method, path, token, headers and body arrive as said`() async throws {
        try await withKong(
            base: "/team-a", token: "tok-1", headers: [(name: "x-extra", value: "7")],
            script: { _ in .json(200, targetRow) }
        ) { client, server in
            let target = try await client.updateTarget(
                "[::1]:80", in: "a b", TargetDraft(weight: 20))
            #expect(target?.weight == 20)
            #expect(target?.createdAt == 1_724_218_836.114)
            let request = try #require(server.requests.first)
            #expect(request.method == "PATCH")
            #expect(request.target == "/team-a/upstreams/a%20b/targets/%5B::1%5D:80")
            #expect(request.headers["kong-admin-token"] == "tok-1")
            #expect(request.headers["x-extra"] == "7")
            #expect(request.headers["content-type"] == "application/json")
            #expect(request.headers["content-length"] == "13")
            #expect(request.body == #"{"weight":20}"#)
        }
    }

    @Test func `a bearer token is sent as authorization`() async throws {
        try await withKong(bearer: "pat-1", script: { _ in .json(200, #"{"data":[]}"#) }) {
            client, server in
            _ = try await client.services()
            #expect(server.requests.first?.headers["authorization"] == "Bearer pat-1")
        }
    }

    @Test func `calls in a row share a connection and fresh ones never do`() async throws {
        let health = #"{"data":{},"next":null,"node_id":"n"}"#
        try await withKong(script: { _ in .json(200, health) }) { client, server in
            for _ in 0..<3 { _ = try await client.health(of: "a") }
            #expect(Set(server.requests.map(\.connection)).count == 1)
            for _ in 0..<3 { _ = try await client.health(of: "a", freshConnection: true) }
            #expect(Set(server.requests.map(\.connection)).count == 4)
            #expect(server.requests.suffix(3).allSatisfy { $0.headers["connection"] == "close" })
            _ = try await client.health(of: "a")
            #expect(server.requests.last?.connection == server.requests.first?.connection)
        }
    }

    @Test func `what is absent is nil, and deletions tell where Kong does`() async throws {
        try await withKong(script: { _ in .json(404, #"{"message":"Not found"}"#) }) { client, _ in
            let service = try await client.service("a")
            #expect(service == nil)
            let route = try await client.updateRoute("a", RouteDraft())
            #expect(route == nil)
            let targets = try await client.targets(of: "a")
            #expect(targets == nil)
            let target = try await client.createTarget(TargetDraft(target: "a:1"), in: "a")
            #expect(target == nil)
            let health = try await client.health(of: "a")
            #expect(health == nil)
            let plugins = try await client.plugins(ofRoute: "a")
            #expect(plugins == nil)
            let wasThere = try await client.deleteTarget("a:1", in: "a")
            #expect(!wasThere)
            try await client.deleteService("a")
        }
        try await withKong(script: { _ in .json(204, "") }) { client, server in
            let wasThere = try await client.deleteTarget("a:1", in: "b")
            #expect(wasThere)
            #expect(server.requests.first?.target == "/upstreams/b/targets/a:1")
        }
    }

    @Test(arguments: [
        #"{"message":"no Route matched with those values"}"#, #"{"message":"Workspace 'x' not found"}"#,
        "<h1>404 Not Found</h1>", "",
    ])
    func `a 404 that is not the Admin API's is not an absence`(body: String) async throws {
        try await withKong(script: { _ in .html(404, body) }) { client, _ in
            let error = await failure { () async throws(AdminError) in try await client.service("a") }
            guard case .refused(let refusal)? = error else { Issue.record("\(error as Any)"); return }
            #expect(refusal.status == 404)
        }
    }

    @Test func `an update of what is absent is nil by its code`() async throws {
        let body = #"{"code":6,"name":"not found","message":"could not find the entity with …"}"#
        try await withKong(script: { _ in .json(404, body) }) { client, _ in
            let service = try await client.updateService("a", ServiceDraft(retries: 1))
            #expect(service == nil)
        }
    }

    @Test func `an empty key sends nothing`() async throws {
        try await withKong(script: { _ in .json(200, "{}") }) { client, server in
            let error = await failure { () async throws(AdminError) in try await client.service("") }
            #expect(error?.isPerhapsApplied == false)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `calls beyond the pool wait rather than fail`() async throws {
        let limits = AdminTransport.Limits(connectionsPerHost: 2)
        try await withKong(limits: limits, script: { _ in .json(200, targetRow) }) {
            client, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask { _ = try await client.target("a:1", in: "b") }
                }
                try await group.waitForAll()
            }
            #expect(server.requests.count == 40)
            #expect(Set(server.requests.map(\.connection)).count <= 2)
        }
    }
}
