import HTTPMessage
import HTTPServer
import HTTPTypes
import Testing

struct BodyLimitTests {
    private static let small: @Sendable (RequestHead) -> Admission = { _ in .accept(maxBody: 10) }

    private static func chunked(_ size: Int) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + String(size, radix: 16) + "\r\n" + String(repeating: "x", count: size)
            + "\r\n0\r\n\r\n"
    }

    @Test func `a client that asks first is refused without 100 Continue`() async throws {
        try await withServer(admit: Self.small) { server in
            let client = try Client(port: server.port)
            client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n")
            let answer = try #require(client.readToEnd())
            #expect(Reply(head: answer).status == 413)
            #expect(answer.contains("ours: bodyTooLarge(limit: 10)"))
        }
    }

    @Test func `a client that asks first and may is told to continue`() async throws {
        try await withServer(admit: Self.small) { server in
            let client = try Client(port: server.port)
            client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
            #expect(client.read(through: "\r\n\r\n")?.hasPrefix("HTTP/1.1 100 ") == true)
            client.send("0123456789")
            #expect(client.readAnswer()?.body == "POST\n/\n-\n0123456789")
        }
    }

    @Test func `a body that is on its way is dropped and the connection lives`() async throws {
        try await withServer(admit: Self.small) { server in
            let client = try Client(port: server.port)
            client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n"
                    + String(repeating: "x", count: 300_000))
            #expect(client.readAnswer()?.status == 413)
            client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.readAnswer()?.body == "GET\n/next\n-\n")
        }
    }

    @Test(arguments: [11, 70_000])
    func `a chunked body above the limit gets 413`(size: Int) async throws {
        try await withServer(admit: Self.small) { server in
            let client = try Client(port: server.port)
            client.send(Self.chunked(size))
            #expect(client.readAnswer()?.status == 413)
            client.send(Self.chunked(10))
            #expect(client.readAnswer()?.body == "POST\n/\n-\nxxxxxxxxxx")
        }
    }

    @Test func `an endless refused body ends the connection`() async throws {
        var limits = ServerLimits.quick
        limits.discardedBytes = 100_000
        try await withServer(limits: limits, admit: Self.small) { server in
            let client = try Client(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "10000\r\n" + String(repeating: "x", count: 65536) + "\r\n"
            var sent = 0
            while sent < 1000, client.send(chunk) { sent += 1 }
            #expect(sent < 1000)
        }
    }

    @Test func `a body of a mebibyte arrives whole`() async throws {
        try await withServer(handler: { request in
            let sum = request.body.reduce(0) { $0 &+ Int($1) }
            return Response(status: .ok, body: .bytes(Array("\(request.body.count) \(sum)".utf8)))
        }) { server in
            let client = try Client(port: server.port)
            let body = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0) }
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
            client.send(body)
            #expect(client.readAnswer()?.body == "1048576 \(4096 * 255 * 128)")
        }
    }

    @Test func `an admission can refuse by the head alone`() async throws {
        let admit: @Sendable (RequestHead) -> Admission = { head in
            head.headers[.authorization] == nil
                ? .reject(Response(status: .unauthorized)) : .accept(maxBody: 10)
        }
        try await withServer(admit: admit) { server in
            let client = try Client(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
            #expect(client.readAnswer()?.status == 401)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.readAnswer()?.status == 401)
            client.send("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\n\r\n")
            #expect(client.readAnswer()?.status == 200)
        }
    }

    @Test(arguments: [
        ("/" + String(repeating: "x", count: 4095), 0, 200),
        ("/" + String(repeating: "x", count: 4096), 0, 414),
        ("/" + String(repeating: "x", count: 14_000), 0, 414),
        ("/", 8_000, 200), ("/", 9_000, 431), ("/", 14_000, 431),
    ])
    func `long targets and headers are refused in our words`(
        path: String, headerBytes: Int, status: Int
    ) async throws {
        try await withServer { server in
            let client = try Client(port: server.port)
            let value = String(repeating: "v", count: headerBytes)
            client.send(
                "GET \(path) HTTP/1.1\r\nHost: a\r\nX: \(value)\r\nConnection: close\r\n\r\n")
            let answer = try #require(client.readToEnd())
            #expect(Reply(head: answer).status == status)
            #expect(answer.contains("ours") == (status != 200))
        }
    }

    @Test(arguments: [(98, 200), (99, 431), (300, 431)])
    func `too many headers are refused`(count: Int, status: Int) async throws {
        try await withServer { server in
            let client = try Client(port: server.port)
            let headers = (0..<count).map { "X-\($0): y\r\n" }.joined()
            client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(headers)\r\n")
            #expect(Reply(head: client.readToEnd() ?? "").status == status)
        }
    }

    @Test func `connections that say nothing make room for those that do`() async throws {
        var limits = ServerLimits.quick
        limits.connections = 32
        try await withServer(limits: limits) { server in
            var silent: [Client] = []
            for number in 0..<100 {
                let client = try Client(port: server.port)
                switch number % 3 {
                case 0: break
                case 1: client.send("GET / HTTP/1.1\r\nX: ")
                case _:
                    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
                }
                silent.append(client)
            }
            for _ in 0..<10 {
                let client = try Client(port: server.port)
                client.send("GET /in HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(client.readAnswer()?.status == 200)
            }
            #expect(silent.count == 100)
        }
    }

    @Test func `connections above the limit are reset`() async throws {
        var limits = ServerLimits.quick
        limits.connectionsPerAddress = 2
        try await withServer(limits: limits) { server in
            let clients = try (0..<2).map { _ in try Client(port: server.port) }
            for client in clients {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(client.readAnswer()?.status == 200)
            }
            let third = try Client(port: server.port)
            third.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(third.isClosedByServer)
        }
    }
}
