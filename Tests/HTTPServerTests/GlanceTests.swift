import Glibc
import HTTPMessage
import HTTPServer
import HTTPTypes
import Testing

/// Answers from memory, which are sent without an exchange. What is not known goes the long way,
/// whose rules hold for both.
struct GlanceTests {
    private static let known = PreparedResponse(
        status: .ok, headers: [.eTag: "\"1\""], bytes: Array("known".utf8))
    private static let immediate: Listener.Immediate = { path, _, _ in
        path.count == 6 && path[1] == UInt8(ascii: "k") ? known : nil
    }

    private func answers(
        to requests: [String], limits: ServerLimits = .quick
    ) async throws -> [Reply?] {
        let found = Found()
        try await withServer(limits: limits, immediate: Self.immediate) { server in
            let client = try Client(port: server.port)
            for request in requests {
                client.send(request)
                found.replies.append(client.readAnswer())
            }
        }
        return found.replies
    }

    private final class Found: @unchecked Sendable {
        var replies: [Reply?] = []
    }

    @Test func `what is known at once is answered without the handler`() async throws {
        let known = "GET /known HTTP/1.1\r\nHost: a\r\n\r\n"
        let other = "GET /other HTTP/1.1\r\nHost: a\r\n\r\n"
        let replies = try await answers(to: [known, other, known, known, other])
        #expect(
            replies.map { $0?.body }
                == ["known", "GET\n/other\n-\n", "known", "known", "GET\n/other\n-\n"])
        #expect(replies.map { $0?["etag"] } == ["\"1\"", nil, "\"1\"", "\"1\"", nil])
    }

    @Test(arguments: [
        ("GET /known?a HTTP/1.1\r\nHost: a\r\n\r\n", "GET\n/known\na\n"),
        ("GET /known? HTTP/1.1\r\nHost: a\r\n\r\n", "GET\n/known\n\n"),
        ("GET http://a/known HTTP/1.1\r\nHost: a\r\n\r\n", "GET\n/known\n-\n"),
        ("GET /known HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", "GET\n/known\n-\nhi"),
        ("POST /known HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", "POST\n/known\n-\nhi"),
        ("get /known HTTP/1.1\r\nHost: a\r\n\r\n", "get\n/known\n-\n"),
        (
            "GET /known HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            "GET\n/known\n-\nhi"
        ),
    ])
    func `what is more than a plain GET goes to the handler`(
        request: String, body: String
    ) async throws {
        let plain = "GET /known HTTP/1.1\r\nHost: a\r\n\r\n"
        let replies = try await answers(to: [request, plain, request])
        #expect(replies.map { $0?.body } == [body, "known", body])
    }

    @Test(arguments: [
        ("GET /known HTTP/1.1\r\n\r\n", 400),
        ("GET /known HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /known HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("GET /known HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400),
        ("GET /known HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", 400),
        ("GET /known HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ("GET /known HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 9000))\r\n\r\n", 431),
    ])
    func `a head that is refused is refused at a known path, too`(
        request: String, status: Int
    ) async throws {
        let plain = "GET /known HTTP/1.1\r\nHost: a\r\n\r\n"
        let replies = try await answers(to: [plain, request])
        #expect(replies.map { $0?.status } == [200, status])
    }

    @Test func `a target beyond the limit is refused before it is looked up`() async throws {
        var limits = ServerLimits.quick
        limits.targetBytes = 5
        let replies = try await answers(
            to: ["GET /known HTTP/1.1\r\nHost: a\r\n\r\n"], limits: limits)
        #expect(replies.map { $0?.status } == [414])
    }

    @Test func `pipelined answers keep their order, from memory or not`() async throws {
        try await withServer(immediate: Self.immediate) { server in
            let client = try Client(port: server.port)
            let paths = ["/known", "/other", "/known", "/known", "/third", "/known"]
            client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            for path in paths {
                let body = client.readAnswer()?.body
                #expect(body == (path == "/known" ? "known" : "GET\n\(path)\n-\n"))
            }
        }
    }

    @Test func `it sees the headers of each request, and the address`() async throws {
        let immediate: Listener.Immediate = { _, headers, peer in
            let text = "\(headers[.accept] ?? "-") \(peer)"
            return PreparedResponse(status: .ok, headers: [:], bytes: Array(text.utf8))
        }
        try await withServer(immediate: immediate) { server in
            let client = try Client(port: server.port)
            for accept in ["a", "a", "b", "", "longer"] {
                client.send("GET / HTTP/1.1\r\nHost: a\r\nAccept: \(accept)\r\n\r\n")
                #expect(client.readAnswer()?.body == "\(accept) 127.0.0.1")
            }
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.readAnswer()?.body == "- 127.0.0.1")
        }
    }

    @Test func `Connection: close is kept, and so is HTTP/1.0`() async throws {
        for head in ["HTTP/1.1\r\nHost: a\r\nConnection: close", "HTTP/1.0"] {
            try await withServer(immediate: Self.immediate) { server in
                let client = try Client(port: server.port)
                client.send("GET /known \(head)\r\n\r\n")
                let answer = try #require(client.readToEnd())
                #expect(answer.hasPrefix("HTTP/1."))
                #expect(Reply(head: answer).status == 200)
            }
        }
    }

    @Test func `a head that stops coming gets 408`() async throws {
        var limits = ServerLimits.quick
        limits.receive = .milliseconds(300)
        try await withServer(limits: limits, immediate: Self.immediate) { server in
            let client = try Client(port: server.port)
            client.send("GET /known HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.readAnswer()?.status == 200)
            client.send("GET /known HTTP/1.1\r\nHost: a\r\nX: ")
            let answer = try #require(client.readToEnd())
            #expect(Reply(head: answer).status == 408)
            #expect(answer.hasSuffix("ours: requestTooSlow"))
        }
    }

    @Test func `a head that drips is cut off`() async throws {
        var limits = ServerLimits.quick
        limits.receive = .milliseconds(300)
        try await withServer(limits: limits, immediate: Self.immediate) { server in
            let client = try Client(port: server.port)
            client.send("GET /known HTTP/1.1\r\nHost: a\r\nX: ")
            var isCut = false
            for _ in 0..<400 where !isCut {
                isCut = !client.send("x")
                usleep(20_000)
            }
            #expect(isCut)
        }
    }

    @Test func `a client that leaves in the middle of a head holds up nobody`() async throws {
        try await withServer(immediate: Self.immediate) { server in
            do {
                let client = try Client(port: server.port)
                client.send("GET /known HTTP/1.1\r\nHos")
            }
            let client = try Client(port: server.port)
            client.send("GET /known HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.readAnswer()?.status == 200)
        }
    }

    @Test func `a successor answers at once, too`() async throws {
        let reached = Gate()
        let listener = try Listener.start(
            on: .anyPort, limits: .quick, fault: worded, immediate: Self.immediate,
            handler: { request in
                reached.arrive()
                return echo(request)
            })
        let successor = try listener.successor(tls: nil)
        let old = try await blocking {
            let client = try Client(port: listener.port)
            client.send("GET /known HTTP/1.1\r\nHost: a\r\n\r\n")
            return client.readAnswer()?.body
        }
        #expect(old == "known")
        await listener.stop(grace: .seconds(1))
        let new = try await blocking {
            let client = try Client(port: successor.port)
            client.send("GET /known HTTP/1.1\r\nHost: a\r\n\r\n")
            return client.readAnswer()?.body
        }
        #expect(new == "known")
        #expect(reached.count == 0)
        await successor.stop(grace: .seconds(1))
    }
}
