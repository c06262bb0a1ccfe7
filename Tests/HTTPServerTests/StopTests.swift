import HTTPMessage
import HTTPServer
import HTTPTypes
import Testing

struct StopTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `a request under way is answered`() async throws {
        let gate = Gate()
        try await withServer(handler: { request in
            await gate.pass()
            return echo(request)
        }) { server in
            let client = try Client(port: server.port)
            client.send(Self.get)
            await gate.arrivals(1)
            let stop = Task.detached { await server.stop(grace: .seconds(10)) }
            gate.open()
            #expect(client.readAnswer()?.status == 200)
            await stop.value
            #expect(throws: Client.Failure.self) { try Client(port: server.port) }
        }
    }

    @Test func `a handler that hangs is answered for with 503`() async throws {
        let gate = Gate()
        try await withServer(handler: { request in
            await gate.pass()
            return echo(request)
        }) { server in
            let clients = try (0..<10).map { _ in try Client(port: server.port) }
            for client in clients { client.send(Self.get) }
            await gate.arrivals(10)
            await server.stop(grace: .milliseconds(50))
            for client in clients {
                let reply = client.readAnswer()
                #expect(reply?.status == 503)
                #expect(reply?.body == "ours: unavailable")
            }
            gate.open()
        }
    }

    @Test func `open streams end orderly`() async throws {
        let stream = ResponseStream()
        let closed = Gate()
        stream.onClose { closed.arrive() }
        try await withServer(handler: { _ in Response(status: .ok, body: .stream(stream)) }) {
            server in
            let client = try Client(port: server.port)
            client.send(Self.get)
            #expect(client.read(through: "\r\n\r\n") != nil)
            stream.push(Array("last".utf8))
            await server.stop(grace: .seconds(10))
            #expect(client.readToEnd()?.hasSuffix("last\r\n0\r\n\r\n") == true)
            await closed.arrivals(1)
        }
    }

    @Test func `stopping twice and at once is stopping once`() async throws {
        try await withServer { server in
            let client = try Client(port: server.port)
            client.send(Self.get)
            #expect(client.readAnswer()?.status == 200)
            await withTaskGroup(of: Void.self) { group in
                for _ in 1...5 { group.addTask { await server.stop(grace: .seconds(1)) } }
            }
            #expect(client.isClosedByServer)
        }
    }

    @Test func `stopping under load aborts nothing`() async throws {
        for _ in 1...20 {
            try await withServer(handler: { request in
                await Task.yield()
                return echo(request)
            }) { server in
                let clients = try (0..<20).map { _ in try Client(port: server.port) }
                for client in clients {
                    client.send(String(repeating: Self.get, count: 50))
                }
                await server.stop(grace: .milliseconds(2))
            }
        }
    }

    @Test func `the port is free at once for the next listener`() async throws {
        // An address of its own, so that no test beside it takes the port.
        let alone = "127.0.0.77"
        try await withServer(on: .tcp(host: alone, port: 0)) { first in
            let client = try Client(port: first.port, host: 0x7f00_004d)
            client.send(Self.get)
            #expect(client.readAnswer()?.status == 200)
            await first.stop(grace: .seconds(1))
            try await withServer(on: .tcp(host: alone, port: first.port)) { second in
                #expect(second.port == first.port)
            }
        }
    }

    @Test func `a port that is taken is refused`() async throws {
        try await withServer { server in
            #expect(throws: ListenError.inUse) {
                try Listener.start(
                    on: .tcp(host: "127.0.0.1", port: server.port), fault: worded,
                    handler: { echo($0) })
            }
        }
    }
}
