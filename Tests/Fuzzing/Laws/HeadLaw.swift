import Foundation
import HTTPMessage
import HTTPServer
import HTTPTypes
import JSONText

/// The server serves no request that a second, strict reader of the same bytes does not see, and
/// sees it with the same method, path, headers and body.
public struct HeadLaw: FuzzLaw {
    public static let name = "heads"
    public static let seeds: [[UInt8]] = [
        "GET /v1/rollouts?phase=active HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
        "POST /v1/rollouts HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"
            + "GET /b HTTP/1.1\r\nHost: b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3;x=y\r\nabc\r\n0\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
        "PATCH http://h/x%2Fy?q=%20 HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
            + "Content-Length: 1\r\n\r\n1",
        "DELETE /é HTTP/1.0\r\n\r\n",
    ].map { Array($0.utf8) }
    public static let tokens = [
        "\r\n", "\n", "\r", "\r\n\r\n", ": ", ":", " ", "\t", "Host: a\r\n",
        "Content-Length: 5\r\n", "Content-Length: +5\r\n", "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n",
        "5\r\nhello\r\n", "HTTP/1.1", "HTTP/1.0", "GET ", "POST ", "HEAD ", "Connection: close",
        "Expect: 100-continue\r\n", "#", "?", "%", "%00", "\u{0}", "é", ";", "0x5", "fffffffffff",
        "X: ", "\r\n folded", "Upgrade: h2c\r\n",
    ]

    private static let last = Array("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)

    private let listener: Listener

    public init() throws {
        var limits = ServerLimits()
        limits.resolution = .milliseconds(10)
        limits.requestDeadline = .seconds(2)
        limits.receive = .seconds(2)
        limits.idle = .seconds(2)
        listener = try Listener.start(
            on: .tcp(host: "127.0.0.1", port: 0), limits: limits,
            fault: { _, _ in Response(status: .badRequest, body: .bytes(Array("no".utf8))) },
            handler: { Self.echo($0) })
    }

    public func close() async { await listener.stop(grace: .zero) }

    public func check(_ input: [UInt8]) async throws -> Reading {
        // The last request ends the connection, unless what is before it swallows it.
        let input = input + Self.last
        let answer = try Wire(port: listener.port, patience: 50).exchange(input)
        if answer.isEmpty {
            let sound = try Wire(port: listener.port, patience: 5_000).exchange(Self.last)
            try require(!sound.isEmpty, "the server answers nobody any more")
        }
        // Two bytes that the library takes for an empty line, of which the server learns nothing.
        guard !Self.holdsHiddenEnd(input) else { return .refused }
        let expected = StrictRequest.all(in: input)
        let served = try Self.served(answer, expected)
        for (place, request) in served.enumerated() {
            try require(
                place < expected.count,
                "served request \(place + 1), a strict reader sees \(expected.count): \(request)")
            try require(
                request == expected[place],
                "served \(request) where a strict reader sees \(expected[place])")
        }
        return served.isEmpty ? .refused : .taken
    }

    /// A line of two bytes that begins with a colon or a NUL, or a NUL as the last of a line.
    private static func holdsHiddenEnd(_ input: [UInt8]) -> Bool {
        let pieces = [[10, 58, 10], [10, 58, 13], [10, 0], [13, 58, 10], [13, 0], [0, 10], [0, 13]]
        return input.first == 0
            || pieces.contains { !input.ranges(of: $0.map(UInt8.init)).isEmpty }
    }

    @Sendable private static func echo(_ request: Request) -> Response {
        let headers = request.headers.all.map {
            JSONValue.array([.string($0.name.lowercased()), .string($0.value)])
        }
        let body = request.body.map { JSONValue(integerLiteral: Int($0)) }
        let echo: JSONValue = [
            "method": .string(request.method.rawValue), "path": .string(request.path),
            "query": request.query.map { .string($0) } ?? .null, "headers": .array(headers),
            "body": .array(body),
        ]
        return Response(status: .ok, body: .bytes(echo.encoded()))
    }

    /// The requests that were answered by the handler, up to the first that was refused.
    private static func served(
        _ answer: [UInt8], _ expected: [StrictRequest]
    ) throws -> [StrictRequest] {
        var found: [StrictRequest] = []
        var rest = answer[...]
        while let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) {
            let head = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            rest = rest[end.upperBound...]
            if head.hasPrefix("HTTP/1.1 100") { continue }
            guard head.hasPrefix("HTTP/1.1 200") else { return found }
            // The answer to HEAD has a length and no body.
            let isHead = found.count < expected.count && expected[found.count].method == "HEAD"
            if isHead {
                found.append(expected[found.count])
                continue
            }
            let length = head.lowercased().firstRange(of: "content-length: ").flatMap { range in
                Int(head[range.upperBound...].prefix { $0.isNumber })
            }
            guard let length, length <= rest.count else { throw Violation("a broken answer: \(head)") }
            found.append(try echoed(Array(rest.prefix(length))))
            rest = rest.dropFirst(length)
        }
        return found
    }

    private static func echoed(_ bytes: [UInt8]) throws -> StrictRequest {
        let value = try JSONValue(parsing: bytes)
        return StrictRequest(
            method: value["method"]?.string ?? "", path: value["path"]?.string ?? "",
            query: value["query"]?.string,
            headers: (value["headers"]?.array ?? []).map { pair in
                (pair.array ?? []).compactMap(\.string)
            },
            body: (value["body"]?.array ?? []).compactMap { $0.int.map(UInt8.init) })
    }
}
