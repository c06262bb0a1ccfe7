import HTTPMessage
import HTTPServer
import HTTPTypes
import Testing

struct KeepAliveTests {
    @Test func `one connection carries many requests`() async throws {
        try await withServer { server in
            let client = try Client(port: server.port)
            for number in 1...5 {
                client.send("GET /\(number)?a=%20b HTTP/1.1\r\nHost: a\r\n\r\n")
                let reply = client.readAnswer()
                #expect(reply?.status == 200)
                #expect(reply?.body == "GET\n/\(number)\na=%20b\n")
            }
        }
    }

    @Test func `pipelined requests are answered in order`() async throws {
        try await withServer { server in
            let client = try Client(port: server.port)
            client.send(
                (1...3).map { "POST /\($0) HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n\($0)" }
                    .joined())
            for number in 1...3 {
                #expect(client.readAnswer()?.body == "POST\n/\(number)\n-\n\(number)")
            }
        }
    }

    @Test func `a handler that waits answers on the same connection`() async throws {
        let gate = Gate()
        try await withServer(handler: { request in
            if request.path == "/slow" { await gate.pass() }
            return echo(request)
        }) { server in
            let client = try Client(port: server.port)
            for _ in 1...2 {
                client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
                client.send("GET /fast HTTP/1.1\r\nHost: a\r\n\r\n")
                await gate.arrivals(1)
                gate.open()
                #expect(client.readAnswer()?.body == "GET\n/slow\n-\n")
                #expect(client.readAnswer()?.body == "GET\n/fast\n-\n")
            }
        }
    }

    @Test func `a prepared answer is sent many times`() async throws {
        let prepared = PreparedResponse(
            status: .created, headers: [.contentType: "text/plain"], bytes: Array("same".utf8))
        try await withServer(handler: { _ in Response(prepared) }) { server in
            let client = try Client(port: server.port)
            for _ in 1...100 {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                let reply = client.readAnswer()
                #expect(reply?.status == 201)
                #expect(reply?["content-type"] == "text/plain")
                #expect(reply?.body == "same")
            }
        }
    }

    @Test func `a prepared answer that was changed is sent as changed`() async throws {
        let prepared = PreparedResponse(status: .ok, headers: [:], bytes: Array("same".utf8))
        let handler: @Sendable (Request) -> Response = { request in
            var response = Response(prepared)
            if request.path == "/headers" { response.headers[.eTag] = "1" }
            if request.path == "/status" { response.status = .accepted }
            if request.path == "/body" { response.body = .bytes(Array("other".utf8)) }
            return response
        }
        try await withServer(handler: handler) { server in
            let client = try Client(port: server.port)
            for (path, status, tag, body) in [
                ("/", 200, nil, "same"), ("/headers", 200, "1", "same"),
                ("/status", 202, nil, "same"), ("/body", 200, nil, "other"),
                ("/", 200, nil, "same"),
            ] {
                client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                let reply = client.readAnswer()
                #expect(reply?.status == status)
                #expect(reply?["etag"] == tag)
                #expect(reply?.body == body)
            }
        }
    }

    @Test func `HEAD gets the length and no body`() async throws {
        try await withServer { server in
            let client = try Client(port: server.port)
            client.send("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let answer = try #require(client.readToEnd())
            #expect(answer.contains("Content-Length: 10\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `a thousand suspended requests are all answered`() async throws {
        let gate = Gate()
        try await withServer(handler: { request in
            await gate.pass()
            return echo(request)
        }) { server in
            let clients = try (0..<1000).map { _ in try Client(port: server.port) }
            for (number, client) in clients.enumerated() {
                client.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            await gate.arrivals(1000)
            gate.open()
            for (number, client) in clients.enumerated() {
                #expect(client.readAnswer()?.body == "GET\n/\(number)\n-\n")
            }
        }
    }
}
