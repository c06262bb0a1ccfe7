import Testing

@testable import KongAdmin

/// Runs `perform` with a client of a scripted server, and closes both.
func withKong<Result>(
    limits: AdminTransport.Limits = .init(), base: String = "", token: String? = nil,
    bearer: String? = nil, headers: [(name: String, value: String)] = [],
    bounds: PageBounds = .standard,
    script: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply,
    perform: (AdminClient, LoopbackServer) async throws -> Result
) async throws -> Result {
    let server = try LoopbackServer(script: script)
    defer { server.stop() }
    let transport = try AdminTransport(limits: limits)
    let endpoint = try AdminEndpoint(
        server.url + base, headers: headers, token: token, bearer: bearer)
    let client = AdminClient(endpoint, transport: transport, bounds: bounds)
    do {
        let result = try await perform(client, server)
        await transport.shutdown()
        return result
    } catch {
        await transport.shutdown()
        throw error
    }
}

/// What `perform` threw; nil if it returned.
func failure<Value>(_ perform: () async throws(AdminError) -> Value) async -> AdminError? {
    do throws(AdminError) {
        _ = try await perform()
        return nil
    } catch {
        return error
    }
}

let targetRow = """
    {"id":"00000000-0000-4000-8000-000000000001","target":"10.0.0.7:80","weight":20,"tags":null,\
    "upstream":{"id":"00000000-0000-4000-8000-000000000002"},"created_at":1724218836.114,\
    "updated_at":1724218837.5,"failover":false}
    """
