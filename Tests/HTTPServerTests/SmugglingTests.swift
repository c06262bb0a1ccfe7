import HTTPMessage
import HTTPServer
import Testing

/// Requests that two parsers may read in two ways. Each is followed by a second request: an answer
/// to that one would mean that the connection was kept open.
struct SmugglingTests {
    struct Attempt: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        var status = 400
    }

    static let attempts = [
        Attempt(
            testDescription: "both lengths",
            text: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nX"),
        Attempt(
            testDescription: "two different lengths",
            text: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        Attempt(
            testDescription: "the same length twice",
            text: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"),
        Attempt(
            testDescription: "two transfer codings",
            text: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Attempt(
            testDescription: "a space before the colon",
            text: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        Attempt(
            testDescription: "a folded header",
            text: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
        Attempt(
            testDescription: "a folded header with a value",
            text: "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\nX-B: d\r\n\r\n"),
        Attempt(
            testDescription: "a folded first header",
            text: "GET / HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n"),
        // Trailers can be ended early as heads can.
        Attempt(
            testDescription: "trailers",
            text: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "1\r\na\r\n0\r\nX-A: b\r\n\r\n"),
        Attempt(
            testDescription: "a trailer without a name",
            text: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "1\r\na\r\n0\r\nX-A: b\r\n: x\r\n"),
        Attempt(
            testDescription: "an unknown coding",
            text: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
            status: 501),
        Attempt(
            testDescription: "a coding before chunked",
            text: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
                + "0\r\n\r\n", status: 501),
        Attempt(
            testDescription: "chunked with a tab behind it",
            text: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n",
            status: 501),
        Attempt(
            testDescription: "chunked in HTTP/1.0",
            text: "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Attempt(
            testDescription: "a carriage return in a value",
            text: "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\rContent-Length: 5\r\n\r\n"),
        Attempt(
            testDescription: "a control character in a value",
            text: "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\u{1}\r\n\r\n"),
        Attempt(
            testDescription: "a header without a name, which ends the head for the library",
            text: "POST / HTTP/1.1\r\nHost: a\r\n:\r\nContent-Length: 5\r\n\r\n"),
        Attempt(
            testDescription: "a value without a name",
            text: "POST / HTTP/1.1\r\nHost: a\r\n: x\r\nContent-Length: 5\r\n\r\n"),
        Attempt(
            testDescription: "a header without a name before others",
            text: "GET / HTTP/1.1\r\n: x\r\nHost: a\r\n\r\n"),
        Attempt(
            testDescription: "a line that begins with a NUL",
            text: "GET / HTTP/1.1\r\nHost: a\r\n\u{0}X: y\r\nContent-Length: 5\r\n\r\n"),
        Attempt(
            testDescription: "a NUL in a value",
            text: "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\u{0}c\r\n\r\n"),
        Attempt(
            testDescription: "a NUL in the last value",
            text: "GET / HTTP/1.1\r\nX-A: b\r\nHost: a\u{0}b\r\n\r\n"),
        Attempt(
            testDescription: "a NUL in the target",
            text: "GET /a\u{0}b HTTP/1.1\r\nHost: a\r\n\r\n"),
        Attempt(
            testDescription: "a NUL in the method",
            text: "GET\u{0}T / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Attempt(
            testDescription: "a NUL in the version",
            text: "GET / HTTP/1.1\u{0}x\r\nHost: a\r\n\r\n"),
        Attempt(
            testDescription: "a NUL in the query",
            text: "GET /a?b=\u{0}c HTTP/1.1\r\nHost: a\r\n\r\n"),
        Attempt(
            testDescription: "a line feed alone",
            text: "GET / HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n"),
        Attempt(
            testDescription: "line feeds alone", text: "GET / HTTP/1.1\nHost: a\n\n"),
        Attempt(
            testDescription: "a carriage return alone",
            text: "GET / HTTP/1.1\r\nHost: a\rX-A: b\r\n\r\n"),
        Attempt(testDescription: "no Host", text: "GET / HTTP/1.1\r\n\r\n"),
        Attempt(
            testDescription: "two Hosts", text: "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        Attempt(
            testDescription: "two Hosts in one", text: "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
        Attempt(testDescription: "a path in Host", text: "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        Attempt(
            testDescription: "a signed length",
            text: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nabcde"),
        Attempt(
            testDescription: "a list of lengths",
            text: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nabcde"),
        Attempt(
            testDescription: "a hexadecimal length",
            text: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nabcde"),
        Attempt(
            testDescription: "a negative length",
            text: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nabcde"),
        Attempt(
            testDescription: "a header without a colon",
            text: "GET / HTTP/1.1\r\nHost: a\r\nX-A\r\n\r\n"),
        Attempt(
            testDescription: "a space in the target", text: "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
        Attempt(
            testDescription: "a fragment in the target",
            text: "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
        Attempt(
            testDescription: "a target that is no path",
            text: "GET example.com HTTP/1.1\r\nHost: a\r\n\r\n"),
        Attempt(
            testDescription: "an asterisk for GET", text: "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
        Attempt(
            testDescription: "a bad method", text: "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Attempt(
            testDescription: "a bad chunk size",
            text: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n"),
        Attempt(
            testDescription: "another version", text: "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
            status: 505),
        Attempt(
            testDescription: "a version in lower case", text: "GET / http/1.1\r\nHost: a\r\n\r\n"),
    ]

    @Test(arguments: attempts)
    func `an ambiguous request is refused and the connection closed`(
        attempt: Attempt
    ) async throws {
        let reached = Gate()
        try await withServer(handler: { request in
            reached.arrive()
            return echo(request)
        }) { server in
            let client = try Client(port: server.port)
            client.send(attempt.text + "GET /second HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try #require(client.readToEnd())
            #expect(Reply(head: answer).status == attempt.status, "\(answer)")
            #expect(!answer.contains("/second"))
            #expect(reached.count == 0)
        }
    }

    @Test(arguments: [
        ("GET http://example.com/a/b?c HTTP/1.1", "GET\n/a/b\nc\n"),
        ("GET HTTP://example.com HTTP/1.1", "GET\n/\n-\n"),
        ("GET https://example.com?x=/ HTTP/1.1", "GET\n/\nx=/\n"),
        ("OPTIONS * HTTP/1.1", "OPTIONS\n*\n-\n"),
        ("get / HTTP/1.1", "get\n/\n-\n"),
        ("PURGE /a?b?c=d& HTTP/1.1", "PURGE\n/a\nb?c=d&\n"),
        ("GET /services%00x%2Fy/..%2f?q=%00+a HTTP/1.1", "GET\n/services%00x%2Fy/..%2f\nq=%00+a\n"),
        ("GET /a%zz HTTP/1.1", "GET\n/a%zz\n-\n"),
        ("GET /ü HTTP/1.1", "GET\n/ü\n-\n"),
        ("GET //a//b? HTTP/1.1", "GET\n//a//b\n\n"),
    ])
    func `targets and methods arrive as sent`(line: String, echoed: String) async throws {
        try await withServer { server in
            let client = try Client(port: server.port)
            client.send(line + "\r\nHost: a\r\n\r\n")
            #expect(client.readAnswer()?.body == echoed)
        }
    }

    @Test func `a target that is not UTF-8 is refused`() async throws {
        try await withServer { server in
            let client = try Client(port: server.port)
            client.send(Array("GET /".utf8) + [0xff] + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            #expect(Reply(head: client.readToEnd() ?? "").status == 400)
        }
    }

    @Test func `HTTP 1.0 needs no Host`() async throws {
        try await withServer { server in
            let client = try Client(port: server.port)
            client.send("GET /old HTTP/1.0\r\n\r\n")
            #expect(client.readToEnd()?.hasSuffix("GET\n/old\n-\n") == true)
        }
    }
}
