import Glibc
import HTTPMessage
import HTTPServer
import HTTPTypes
import Synchronization
import Testing

/// Bodies that are taken without an exchange. What is not taken goes the long way, whose rules hold
/// for both.
struct ReceivingTests {
    /// Takes bodies of up to 100,000 bytes at `/in…`, and keeps them.
    private final class Box: BodyReceiver {
        static let answer = PreparedResponse(status: .noContent, headers: [:], bytes: [])
        let bodies = Mutex<[String]>([])
        let asked = Mutex<[String]>([])

        func receive(_ body: UnsafeRawBufferPointer) -> PreparedResponse {
            bodies.withLock { $0.append(String(decoding: body, as: UTF8.self)) }
            return Self.answer
        }

        var receiving: Listener.Receiving {
            { path, length in
                let path = path.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
                self.asked.withLock { $0.append("\(path) \(length)") }
                return path.hasPrefix("/in") && length <= 100_000 ? self : nil
            }
        }

        var all: [String] { bodies.withLock { $0 } }
    }

    private static func post(
        _ body: String, to path: String = "/in", _ headers: String = ""
    ) -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n"
            + body
    }

    private static let second = "GET /second HTTP/1.1\r\nHost: a\r\n\r\n"

    private func withBox(
        limits: ServerLimits = .quick,
        admit: @escaping @Sendable (RequestHead) -> Admission = { _ in .accept(maxBody: 1 << 20) },
        handler: @escaping @Sendable (Request) async -> Response = { echo($0) },
        _ body: @Sendable (Listener, Box) async throws -> Void
    ) async throws {
        let box = Box()
        try await withServer(
            limits: limits, admit: admit, receiving: box.receiving, handler: handler
        ) { server in try await body(server, box) }
    }

    @Test func `a body is taken without the handler, others go to it`() async throws {
        try await withBox { server, box in
            let client = try Client(port: server.port)
            for round in 0..<3 {
                client.send(Self.post("body \(round)"))
                #expect(client.readAnswer()?.status == 204)
                client.send(Self.post("other \(round)", to: "/out"))
                #expect(client.readAnswer()?.body == "POST\n/out\n-\nother \(round)")
            }
            #expect(box.all == ["body 0", "body 1", "body 2"])
        }
    }

    @Test(arguments: [
        ("POST /in?a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", "POST\n/in\na\nhi"),
        ("POST http://a/in HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", "POST\n/in\n-\nhi"),
        ("PUT /in HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", "PUT\n/in\n-\nhi"),
        ("GET /in HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", "GET\n/in\n-\nhi"),
        ("post /in HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", "post\n/in\n-\nhi"),
        ("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "POST\n/in\n-\n"),
        ("POST /in HTTP/1.1\r\nHost: a\r\n\r\n", "POST\n/in\n-\n"),
        (
            "POST /in HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            "POST\n/in\n-\nhi"
        ),
    ])
    func `what is no plain body of known length goes to the handler`(
        request: String, body: String
    ) async throws {
        try await withBox { server, box in
            let client = try Client(port: server.port)
            client.send(request)
            #expect(client.readAnswer()?.body == body)
            client.send(Self.post("x"))
            #expect(client.readAnswer()?.status == 204)
            #expect(box.all == ["x"])
        }
    }

    @Test(arguments: SmugglingTests.attempts.filter { $0.text.hasPrefix("POST / ") })
    func `an ambiguous request is refused and the connection closed`(
        attempt: SmugglingTests.Attempt
    ) async throws {
        try await withBox { server, box in
            let client = try Client(port: server.port)
            let text = "POST /in " + attempt.text.dropFirst("POST / ".count)
            client.send(text + Self.post("smuggled") + Self.second)
            let answer = try #require(client.readToEnd())
            #expect(Reply(head: answer).status == attempt.status, "\(answer)")
            #expect(!answer.contains("/second") && !answer.contains(" 204 "))
            #expect(box.all.isEmpty)
        }
    }

    @Test func `a client that waits for 100 Continue gets it`() async throws {
        try await withBox { server, box in
            let client = try Client(port: server.port)
            client.send(
                "POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(client.read(through: "\r\n\r\n")?.hasPrefix("HTTP/1.1 100 ") == true)
            client.send("hi")
            #expect(client.readAnswer()?.body == "POST\n/in\n-\nhi")
            #expect(box.all.isEmpty)
        }
    }

    @Test(arguments: [1, 7, 1000, 30_000, 100_000])
    func `a body that comes in pieces is whole`(size: Int) async throws {
        let body = String((0..<size).map { Character(Unicode.Scalar(97 + UInt8($0 % 26))) })
        try await withBox { server, box in
            let client = try Client(port: server.port)
            let bytes = Array((Self.post(body) + Self.second).utf8)
            let step = max(1, bytes.count / 7)
            for start in stride(from: 0, to: bytes.count, by: step) {
                client.send(Array(bytes[start..<min(bytes.count, start + step)]))
                usleep(2_000)
            }
            #expect(client.readAnswer()?.status == 204)
            #expect(client.readAnswer()?.body == "GET\n/second\n-\n")
            #expect(box.all == [body])
        }
    }

    @Test func `pipelined bodies keep their order, taken or not`() async throws {
        try await withBox { server, box in
            let client = try Client(port: server.port)
            let count = 60
            client.send((0..<count).map { number in
                Self.post(
                    String(repeating: "\(number) ", count: 400), to: number % 3 == 0 ? "/out" : "/in")
            }.joined())
            for number in 0..<count {
                let reply = client.readAnswer()
                #expect(reply?.status == (number % 3 == 0 ? 200 : 204))
                if number % 3 == 0 { #expect(reply?.body.hasPrefix("POST\n/out\n-\n\(number) ") == true) }
            }
            #expect(box.all.map { $0.prefix { $0 != " " } } == (0..<count).filter { $0 % 3 != 0 }.map { "\($0)" })
        }
    }

    @Test func `what nobody takes is refused by its head as ever`() async throws {
        let admit: @Sendable (RequestHead) -> Admission = { head in
            head.path == "/in" ? .accept(maxBody: 1 << 20) : .reject(Response(status: .notFound))
        }
        try await withBox(admit: admit) { server, box in
            let client = try Client(port: server.port)
            client.send(Self.post("hi", to: "/wrong"))
            #expect(client.readAnswer()?.status == 404)
            client.send(Self.post(String(repeating: "x", count: 100_001)))
            #expect(client.readAnswer()?.status == 200)
            client.send("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n")
            client.send(String(repeating: "x", count: 1_048_577))
            #expect(client.readAnswer()?.status == 413)
            #expect(box.all.isEmpty)
            #expect(box.asked.withLock { $0 } == ["/wrong 2", "/in 100001", "/in 1048577"])
        }
    }

    @Test(arguments: [
        ("Host: b\r\n", 400), ("X: a\r\n b\r\n", 400),
        ("X: \(String(repeating: "x", count: 9000))\r\n", 431),
        (String(repeating: "X: y\r\n", count: 99), 431),
    ])
    func `a head that is refused is refused where bodies are taken, too`(
        headers: String, status: Int
    ) async throws {
        try await withBox { server, box in
            let client = try Client(port: server.port)
            client.send(Self.post("hi", to: "/in", headers))
            #expect(client.readAnswer()?.status == status)
            #expect(box.all.isEmpty && box.asked.withLock { $0 }.isEmpty)
        }
    }

    @Test func `Connection: close is kept`() async throws {
        try await withBox { server, box in
            let client = try Client(port: server.port)
            client.send(Self.post("hi", to: "/in", "Connection: close\r\n"))
            #expect(Reply(head: client.readToEnd() ?? "").status == 204)
            #expect(box.all == ["hi"])
        }
    }

    @Test func `a body that stops coming gets 408, and nobody gets it`() async throws {
        var limits = ServerLimits.quick
        limits.receive = .milliseconds(300)
        try await withBox(limits: limits) { server, box in
            let client = try Client(port: server.port)
            client.send(Self.post("first"))
            #expect(client.readAnswer()?.status == 204)
            client.send("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
            let answer = try #require(client.readToEnd())
            #expect(Reply(head: answer).status == 408)
            #expect(box.all == ["first"])
        }
    }

    @Test func `a client that leaves in the middle of a body holds up nobody`() async throws {
        try await withBox { server, box in
            do {
                let client = try Client(port: server.port)
                client.send("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
            }
            let client = try Client(port: server.port)
            client.send(Self.post("hi"))
            #expect(client.readAnswer()?.status == 204)
            #expect(box.all == ["hi"])
        }
    }

    @Test func `clients that never finish their body make room`() async throws {
        var limits = ServerLimits.quick
        limits.connections = 32
        try await withBox(limits: limits) { server, box in
            var silent: [Client] = []
            for _ in 0..<100 {
                let client = try Client(port: server.port)
                client.send("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
                silent.append(client)
            }
            let client = try Client(port: server.port)
            client.send(Self.post("hi"))
            #expect(client.readAnswer()?.status == 204)
            #expect(silent.count == 100 && box.all == ["hi"])
        }
    }

    @Test func `a body that ends after the server began to stop is refused`() async throws {
        let box = Box()
        let listener = try Listener.start(
            on: .anyPort, limits: .quick, fault: worded, receiving: box.receiving,
            handler: { echo($0) })
        let begun = Gate()
        async let stopped: Void = {
            await begun.pass()
            await listener.stop(grace: .seconds(5))
        }()
        let answer = try await blocking {
            let client = try Client(port: listener.port)
            client.send("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
            #expect(comesTrue { box.asked.withLock { !$0.isEmpty } })
            begun.open()
            // The port is closed before requests are waited for.
            #expect(comesTrue { (try? Client(port: listener.port)) == nil })
            client.send("cd")
            return Reply(head: client.readToEnd() ?? "")
        }
        #expect(answer.status == 503)
        #expect(answer["connection"] == "close")
        await stopped
        #expect(box.all.isEmpty)
    }

    @Test func `a successor takes bodies, too`() async throws {
        let box = Box()
        let listener = try Listener.start(
            on: .anyPort, limits: .quick, fault: worded, receiving: box.receiving,
            handler: { echo($0) })
        let successor = try listener.successor(tls: nil)
        await listener.stop(grace: .seconds(1))
        let status = try await blocking {
            let client = try Client(port: successor.port)
            client.send(Self.post("hi"))
            return client.readAnswer()?.status
        }
        #expect(status == 204)
        #expect(box.all == ["hi"])
        await successor.stop(grace: .seconds(1))
    }
}
