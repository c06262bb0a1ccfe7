import Testing

@testable import KongAdmin

@Suite struct PagingTests {
    private static func page(_ names: [String], offset: String?) -> LoopbackServer.Reply {
        let rows = names.map {
            #"{"id":"\#($0)","target":"\#($0):1","weight":1,"upstream":{"id":"u"},"created_at":1.5}"#
        }
        let next = offset.map { #","next":"/elsewhere?offset=\#($0)","offset":"\#($0)""# }
        return .json(200, #"{"data":[\#(rows.joined(separator: ","))]\#(next ?? ",\"next\":null")}"#)
    }

    @Test func `every page is read, in order, from the base path`() async throws {
        try await withKong(
            base: "/ws", bounds: PageBounds(size: 2, pages: 5),
            script: { request in
                switch request.target {
                case "/ws/upstreams/u/targets?size=2": Self.page(["a", "b"], offset: "W1=/")
                case "/ws/upstreams/u/targets?size=2&offset=W1%3D%2F":
                    Self.page(["c"], offset: "2")
                case "/ws/upstreams/u/targets?size=2&offset=2": Self.page(["d"], offset: nil)
                default: .json(500, "{}")
                }
            }
        ) { client, _ in
            let targets = try await client.targets(of: "u")
            #expect(targets?.map(\.id) == ["a", "b", "c", "d"])
        }
    }

    @Test func `an empty list may be an empty Lua table`() async throws {
        try await withKong(script: { _ in .json(200, #"{"data":{},"next":null}"#) }) { client, _ in
            let plugins = try await client.plugins()
            #expect(plugins == [])
        }
    }

    @Test func `a list that runs in a circle ends`() async throws {
        try await withKong(script: { _ in Self.page(["a"], offset: "0") }) { client, server in
            let error = await failure { () async throws(AdminError) in
                try await client.targets(of: "u")
            }
            guard case .unreadable? = error else { Issue.record("\(String(describing: error))"); return }
            #expect(server.requests.count == 2)
        }
    }

    @Test func `a list beyond the bounds is an error and not a shorter list`() async throws {
        try await withKong(
            bounds: PageBounds(size: 1, pages: 3),
            script: { Self.page(["a"], offset: $0.target.contains("offset=") ? $0.target : "0") }
        ) { client, server in
            let error = await failure { () async throws(AdminError) in
                try await client.targets(of: "u")
            }
            guard case .limitExceeded? = error else { Issue.record("\(error as Any)"); return }
            #expect(server.requests.count == 3)
        }
    }
}
