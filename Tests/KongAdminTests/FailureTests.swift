import Glibc
import Testing

@testable import KongAdmin

@Suite struct FailureTests {
    @Test func `Kong's refusal keeps code, message and fields`() async throws {
        let body = """
            {"code":2,"name":"schema violation","message":"2 schema violations (…)","fields":\
            {"healthchecks":{"active":{"timeout":"expected a number"}},"@entity":["a","b"],"x":null}}
            """
        try await withKong(script: { _ in .json(400, body) }) { client, server in
            let error = await failure { () async throws(AdminError) in
                try await client.createUpstream(UpstreamDraft(name: "a"))
            }
            guard case .refused(let refusal)? = error else { Issue.record("\(error as Any)"); return }
            #expect(refusal.code == 2)
            #expect(refusal.name == "schema violation")
            #expect(refusal.fields.map(\.path) == ["@entity", "@entity", "healthchecks.active.timeout"])
            #expect(refusal.fields.map(\.text) == ["a", "b", "expected a number"])
            #expect(refusal.place == "POST /upstreams at \(server.url)")
            #expect("\(refusal)".contains("healthchecks.active.timeout: expected a number"))
            #expect(error?.isPerhapsApplied == false)
        }
    }

    @Test func `options are read where Kong says options`() {
        let body = ErrorBody(
            Array(#"{"code":11,"message":"m","options":{"tags":"invalid filter syntax"}}"#.utf8))
        #expect(body.code == 11)
        #expect(body.complaints == [.init(path: "tags", text: "invalid filter syntax")])
    }

    @Test(arguments: [
        ("<html>\r\n<head><title>415 Unsupported</title></head>\n<body>x &amp; y</body>",
            "415 Unsupported x &amp; y"),
        ("", "an empty body"), ("plain words", "plain words"), ("[1]", "[1]"), ("null", "null"),
        (#"{"message":{"a":1}}"#, #"{"a":1}"#), (#"{"code":"5"}"#, #"{"code":"5"}"#),
    ])
    func `any body gives a message`(body: String, message: String) {
        #expect(ErrorBody(Array(body.utf8)).message == message)
    }

    @Test func `bytes that are no text give a message too`() {
        #expect(ErrorBody([0xFF, 0x41]).message == "\u{FFFD}A")
    }

    @Test func `an HTML refusal is a refusal`() async throws {
        try await withKong(script: { _ in .html(415, "<h1>415 Unsupported Media Type</h1>") }) {
            client, _ in
            let error = await failure { () async throws(AdminError) in
                try await client.createTarget(TargetDraft(target: "a:1"), in: "u")
            }
            guard case .refused(let refusal)? = error else { Issue.record("\(error as Any)"); return }
            #expect(refusal.status == 415)
            #expect(refusal.code == nil)
            #expect(refusal.message == "415 Unsupported Media Type")
        }
    }

    @Test func `each status has its case`() async throws {
        func error(_ status: Int, headers: [String: String] = [:]) async throws -> AdminError? {
            let reply = LoopbackServer.Reply.json(status, #"{"message":"m tok-secret"}"#, headers: headers)
            return try await withKong(token: "tok-secret", script: { _ in reply }) { client, _ in
                await failure { () async throws(AdminError) in try await client.status() }
            }
        }
        guard case .unauthorized? = try await error(401) else { Issue.record("401"); return }
        guard case .forbidden? = try await error(403) else { Issue.record("403"); return }
        #expect(try await error(429) == .throttled(retryAfter: nil))
        #expect(
            try await error(429, headers: ["retry-after": "3"])
                == .throttled(retryAfter: .seconds(3)))
        guard case .server(500, let message)? = try await error(500) else { Issue.record("500"); return }
        #expect(message.contains("m …"))
        guard case .unreadable? = try await error(302) else { Issue.record("302"); return }
        for status in [400, 401, 403, 429, 500] {
            #expect(try await error(status)?.description.contains("tok-secret") == false)
        }
    }

    @Test(arguments: ["", "<html>hello</html>", "[]", #"{"id":7}"#, #"{"weight":null}"#])
    func `a success that is not Kong's is unreadable`(body: String) async throws {
        try await withKong(script: { _ in .json(200, body) }) { client, _ in
            let error = await failure { () async throws(AdminError) in
                try await client.updateTarget("a:1", in: "u", TargetDraft(weight: 1))
            }
            guard case .unreadable? = error else { Issue.record("\(error as Any)"); return }
            #expect(error?.isPerhapsApplied == true)
        }
    }

    @Test func `silence is a lost call`() async throws {
        let limits = AdminTransport.Limits(call: .milliseconds(150))
        try await withKong(limits: limits, script: { _ in .silence }) { client, server in
            let error = await failure { () async throws(AdminError) in
                try await client.updateTarget("a:1", in: "u", TargetDraft(weight: 1))
            }
            guard case .lost(let text)? = error else { Issue.record("\(error as Any)"); return }
            #expect(text.contains("no answer in time"))
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a body that never ends its promise is a lost call`() async throws {
        let limits = AdminTransport.Limits(call: .milliseconds(150))
        let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":"
        try await withKong(limits: limits, script: { _ in .raw(half) }) { client, _ in
            let error = await failure { () async throws(AdminError) in try await client.services() }
            guard case .lost? = error else { Issue.record("\(error as Any)"); return }
        }
    }

    @Test func `a connection closed before the answer is a lost call, sent once`() async throws {
        try await withKong(script: { _ in .hangUp }) { client, server in
            let error = await failure { () async throws(AdminError) in
                try await client.updateTarget("a:1", in: "u", TargetDraft(weight: 1))
            }
            guard case .lost? = error else { Issue.record("\(error as Any)"); return }
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a refused port is unreachable, and at once`() async throws {
        let server = try LoopbackServer { _ in .hangUp }
        server.stop()
        let transport = try AdminTransport()
        let client = AdminClient(try AdminEndpoint(server.url), transport: transport)
        var error: AdminError?
        let elapsed = await ContinuousClock().measure {
            error = await failure { () async throws(AdminError) in try await client.status() }
        }
        await transport.shutdown()
        guard case .unreachable(let text)? = error else { Issue.record("\(error as Any)"); return }
        #expect(text.contains("connection refused"))
        #expect(elapsed < .seconds(2))
    }

    @Test func `after the shutdown nothing is sent, and a second one is nothing`() async throws {
        let transport = try AdminTransport()
        let client = AdminClient(try AdminEndpoint("http://127.0.0.1:1"), transport: transport)
        await transport.shutdown()
        await transport.shutdown()
        let error = await failure { () async throws(AdminError) in try await client.status() }
        guard case .unreachable? = error else { Issue.record("\(error as Any)"); return }
    }

    @Test func `a host that does not resolve is unreachable`() async throws {
        let transport = try AdminTransport()
        let client = AdminClient(try AdminEndpoint("http://kong.invalid:8001"), transport: transport)
        let error = await failure { () async throws(AdminError) in try await client.status() }
        await transport.shutdown()
        guard case .unreachable? = error else { Issue.record("\(error as Any)"); return }
    }

    @Test func `a body beyond the bound is not read to its end`() async throws {
        let huge = String(repeating: " ", count: AdminClient.largestBody + 1)
        try await withKong(script: { _ in .json(200, huge) }) { client, _ in
            let error = await failure { () async throws(AdminError) in try await client.services() }
            guard case .limitExceeded? = error else { Issue.record("\(error as Any)"); return }
        }
    }

    @Test func `a cancelled call is lost`() async throws {
        try await withKong(script: { _ in .silence }) { client, server in
            let call = Task {
                await failure { () async throws(AdminError) in try await client.status() }
            }
            while server.requests.isEmpty { await Task.yield() }
            call.cancel()
            guard case .lost? = await call.value else { Issue.record("not lost"); return }
        }
    }
}
