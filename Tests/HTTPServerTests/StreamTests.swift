import HTTPMessage
import HTTPServer
import HTTPTypes
import Synchronization
import Testing

struct StreamTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private func streaming(_ stream: ResponseStream) -> @Sendable (Request) async -> Response {
        { _ in
            Response(
                status: .ok, headers: [.contentType: "text/event-stream"], body: .stream(stream))
        }
    }

    @Test func `pieces are sent as they are pushed until the end`() async throws {
        let stream = ResponseStream()
        stream.push(Array("first".utf8))
        try await withServer(handler: streaming(stream)) { server in
            let client = try Client(port: server.port)
            client.send(Self.get)
            #expect(client.read(through: "\r\n\r\n")?.contains("chunked") == true)
            #expect(client.read(through: "first\r\n") != nil)
            stream.push(Array("second".utf8))
            #expect(client.read(through: "second\r\n") != nil)
            stream.finish()
            #expect(client.read(through: "0\r\n\r\n") != nil)
            #expect(!stream.push([1]))
        }
    }

    @Test func `silence is filled with heartbeats`() async throws {
        let stream = ResponseStream(
            heartbeat: Array(":\n\n".utf8), heartbeatInterval: .milliseconds(50))
        try await withServer(handler: streaming(stream)) { server in
            let client = try Client(port: server.port)
            client.send(Self.get)
            for _ in 1...3 { #expect(client.read(through: ":\n\n") != nil) }
        }
    }

    @Test func `a stream outlives the deadlines of requests`() async throws {
        var limits = ServerLimits.quick
        limits.requestDeadline = .milliseconds(500)
        limits.receive = .milliseconds(500)
        limits.idle = .milliseconds(500)
        let stream = ResponseStream(
            heartbeat: Array(":\n".utf8), heartbeatInterval: .milliseconds(20))
        try await withServer(limits: limits, handler: streaming(stream)) { server in
            let client = try Client(port: server.port)
            client.send(Self.get)
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .milliseconds(1600) {
                try #require(client.read(through: ":\n") != nil)
            }
        }
    }

    @Test func `a slow reader is cut off`() async throws {
        let stream = ResponseStream(capacity: 100_000)
        let closed = Gate()
        stream.onClose { closed.arrive() }
        try await withServer(handler: streaming(stream)) { server in
            let client = try Client(port: server.port, receiveBuffer: 4096)
            client.send(Self.get)
            #expect(client.read(through: "\r\n\r\n") != nil)
            let piece = [UInt8](repeating: 120, count: 50_000)
            var pushed = 0
            while pushed < 10_000, stream.push(piece) { pushed += 1 }
            #expect(pushed < 10_000)
            await closed.arrivals(1)
        }
    }

    @Test func `a reader that stops reading is dropped after the idle time`() async throws {
        var limits = ServerLimits.quick
        limits.idle = .milliseconds(200)
        let stream = ResponseStream(capacity: 64 << 20)
        let closed = Gate()
        stream.onClose { closed.arrive() }
        try await withServer(limits: limits, handler: streaming(stream)) { server in
            let client = try Client(port: server.port, receiveBuffer: 4096)
            client.send(Self.get)
            #expect(client.read(through: "\r\n\r\n") != nil)
            stream.push([UInt8](repeating: 120, count: 32 << 20))
            await closed.arrivals(1)
            withExtendedLifetime(client) {}
        }
    }

    @Test func `a reader that leaves is noticed without a push`() async throws {
        let stream = ResponseStream()
        let closed = Gate()
        stream.onClose { closed.arrive() }
        try await withServer(handler: streaming(stream)) { server in
            var client: Client? = try Client(port: server.port)
            client?.send(Self.get)
            #expect(client?.read(through: "\r\n\r\n") != nil)
            client = nil
            await closed.arrivals(1)
            #expect(!stream.push([1]))
        }
    }

    @Test func `many streams get every piece`() async throws {
        let streams = Mutex<[ResponseStream]>([])
        try await withServer(handler: { _ in
            let stream = ResponseStream()
            streams.withLock { $0.append(stream) }
            return Response(status: .ok, body: .stream(stream))
        }) { server in
            let clients = try (0..<100).map { _ in try Client(port: server.port) }
            for client in clients {
                client.send(Self.get)
                #expect(client.read(through: "\r\n\r\n") != nil)
            }
            for number in 0..<100 {
                for stream in streams.withLock({ $0 }) { stream.push(Array("<\(number)>".utf8)) }
            }
            for stream in streams.withLock({ $0 }) { stream.finish() }
            for client in clients {
                let text = client.read(through: "\r\n0\r\n\r\n") ?? ""
                // Chunk sizes stand between pieces, so only whole pieces are looked for.
                for number in 0..<100 { #expect(text.contains("<\(number)>")) }
            }
        }
    }
}
