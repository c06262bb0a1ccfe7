import Glibc
import HTTPMessage
import HTTPServer
import HTTPTypes
import Testing

struct DeadlineTests {
    private static var hasty: ServerLimits {
        var limits = ServerLimits.quick
        limits.receive = .milliseconds(300)
        limits.idle = .milliseconds(100)
        return limits
    }

    /// Sends a byte now and then until the server hangs up; false if it never does.
    private func drip(_ client: Client, _ byte: String, pause: Int32 = 20_000) -> Bool {
        for _ in 0..<400 {
            if !client.send(byte) { return true }
            usleep(UInt32(pause))
        }
        return false
    }

    @Test func `a head that drips is cut off with 408`() async throws {
        try await withServer(limits: Self.hasty) { server in
            let client = try Client(port: server.port)
            client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ")
            #expect(drip(client, "x"))
        }
    }

    @Test func `an answer that is read by drops is cut off`() async throws {
        var limits = ServerLimits.quick
        limits.receive = .milliseconds(200)
        limits.requestDeadline = .milliseconds(200)
        limits.send = .milliseconds(200)
        let big = Response(status: .ok, body: .bytes([UInt8](repeating: 65, count: 32 << 20)))
        try await withServer(limits: limits, handler: { _ in big }) { server in
            let client = try Client(port: server.port, receiveBuffer: 4096)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            usleep(2_000_000)
            let text = client.readToEnd() ?? ""
            #expect(text.utf8.count < 32 << 20)
        }
    }

    @Test func `a client that leaves within a request frees its place soon`() async throws {
        var limits = ServerLimits.quick
        limits.connectionsPerAddress = 8
        try await withServer(limits: limits) { server in
            for text in ["GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"] {
                for _ in 0..<8 { try Client(port: server.port).send(text) }
                // Within a second or two; idle would be a minute.
                var status: Int?
                for _ in 0..<100 where status == nil {
                    let client = try Client(port: server.port)
                    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    status = client.readAnswer()?.status
                    if status == nil { usleep(50_000) }
                }
                #expect(status == 200)
            }
        }
    }

    @Test func `a request line that drips is cut off`() async throws {
        try await withServer(limits: Self.hasty) { server in
            let client = try Client(port: server.port)
            client.send("GET /")
            #expect(drip(client, "x"))
        }
    }

    @Test func `a body that never comes gets 408`() async throws {
        var limits = ServerLimits.quick
        // Long enough for the head to come in time on a busy machine.
        limits.receive = .seconds(1)
        try await withServer(limits: limits) { server in
            let client = try Client(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
            let answer = try #require(client.readToEnd())
            #expect(Reply(head: answer).status == 408)
            #expect(answer.hasSuffix("ours: requestTooSlow"))
        }
    }

    @Test func `a body that drips is cut off`() async throws {
        try await withServer(limits: Self.hasty) { server in
            let client = try Client(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n")
            #expect(drip(client, "x"))
        }
    }

    @Test func `a silent connection is closed`() async throws {
        try await withServer(limits: Self.hasty) { server in
            let client = try Client(port: server.port)
            #expect(client.isClosedByServer)
        }
    }

    @Test func `a listener that nobody holds keeps its deadlines`() async throws {
        var limits = ServerLimits.quick
        limits.requestDeadline = .milliseconds(200)
        let gate = Gate()
        let port = try Listener.start(
            on: .anyPort, limits: limits, fault: worded,
            handler: { request in
                await gate.pass()
                return echo(request)
            }
        ).port
        let status = try await blocking {
            let client = try Client(port: port)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            return client.readAnswer()?.status
        }
        #expect(status == 503)
        gate.open()
    }

    @Test func `a handler that is late is answered for and cancelled`() async throws {
        let cancelled = Gate()
        var limits = ServerLimits.quick
        limits.requestDeadline = .milliseconds(200)
        try await withServer(limits: limits, handler: { request in
            guard request.path == "/hang" else { return echo(request) }
            await withTaskCancellationHandler {
                await cancelled.pass()
            } onCancel: {
                cancelled.open()
            }
            return echo(request)
        }) { server in
            let client = try Client(port: server.port)
            client.send("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n")
            let reply = client.readAnswer()
            #expect(reply?.status == 503)
            #expect(reply?.body == "ours: deadlineExceeded")
            client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.readAnswer()?.body == "GET\n/next\n-\n")
        }
    }

    @Test func `a client that leaves a waiting handler harms nobody`() async throws {
        let gate = Gate()
        try await withServer(handler: { request in
            if request.path == "/wait" { await gate.pass() }
            return echo(request)
        }) { server in
            for _ in 1...20 {
                try Client(port: server.port).send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            await gate.arrivals(20)
            gate.open()
            let client = try Client(port: server.port)
            client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.readAnswer()?.status == 200)
        }
    }
}
