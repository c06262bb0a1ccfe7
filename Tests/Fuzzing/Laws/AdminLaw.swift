import Foundation
import Glibc
import KongAdmin
import Synchronization

/// Whatever an Admin API answers, a call ends with a value or with a typed error, and a value
/// says what Foundation reads in the same bytes.
public struct AdminLaw: FuzzLaw {
    public static let name = "admin"
    /// The first byte chooses the call, the second the status.
    public static let seeds: [[UInt8]] = [
        "\u{0}\u{0}{\"data\":[{\"id\":\"1\",\"target\":\"a:80\",\"weight\":100,\"tags\":null,"
            + "\"upstream\":{\"id\":\"u\"},\"created_at\":1.5,\"updated_at\":2}],\"next\":null}",
        "\u{0}\u{0}{\"data\":{},\"next\":null,\"offset\":\"abc\"}",
        "\u{1}\u{0}{\"data\":[{\"id\":\"1\",\"target\":\"a:80\",\"weight\":100,\"health\":"
            + "\"HEALTHCHECKS_OFF\",\"data\":{\"host\":\"a\",\"port\":80,\"dns\":\"A\",\"nodeWeight\":"
            + "100,\"weight\":{\"total\":100},\"addresses\":[{\"ip\":\"1.1.1.1\",\"port\":80,"
            + "\"weight\":100,\"health\":\"HEALTHY\"}]}}],\"node_id\":\"n\"}",
        "\u{2}\u{0}{\"version\":\"3.9.1\",\"node_id\":\"n\",\"configuration\":{\"database\":"
            + "\"postgres\"},\"pids\":{\"master\":1,\"workers\":[2,3]}}",
        "\u{0}\u{1}{\"message\":\"schema violation (weight: out of range)\",\"name\":\"schema "
            + "violation\",\"fields\":{\"weight\":\"out of range\",\"x\":[\"a\",{\"y\":\"b\"}]},"
            + "\"code\":2}",
        "\u{0}\u{2}<html><head><title>502</title></head><body>bad</body></html>",
        "\u{3}\u{0}{\"data\":[{\"id\":\"1\",\"name\":\"s\",\"host\":\"h\",\"port\":80,"
            + "\"protocol\":\"http\",\"path\":null,\"retries\":5}],\"next\":null}",
    ].map { Array($0.utf8) }
    public static let tokens = [
        "\"data\":", "[]", "{}", "null", "\"weight\":", "65536", "-1", "1e30", "\"offset\":\"x\"",
        "\"id\":", "\"upstream\":", "\"code\":", "\"fields\":", "{\"a\":{\"a\":{\"a\":", "\u{0}",
        "\u{FEFF}", "é", "\\ud800",
    ]

    private let peer: CannedPeer
    private let transport: AdminTransport
    private let client: AdminClient

    public init() throws {
        peer = try CannedPeer()
        transport = try AdminTransport(
            limits: .init(connectionsPerHost: 2, connect: .seconds(2), call: .seconds(4)))
        client = AdminClient(
            try AdminEndpoint("http://127.0.0.1:\(peer.port)"), transport: transport,
            bounds: PageBounds(size: 10, pages: 2))
    }

    public func close() async {
        await transport.shutdown()
        peer.close()
    }

    public func check(_ input: [UInt8]) async throws -> Reading {
        guard input.count >= 2 else { return .refused }
        let body = Array(input.dropFirst(2))
        let status = [200, 400, 502, 404, 409, 429, 503, 201][Int(input[1] & 7)]
        peer.say(status: status, body: body)
        do {
            switch input[0] & 3 {
            case 0: try compare(try await client.targets(of: "u")?.map(\.weight), "weight", body)
            case 1: _ = try await client.health(of: "u")
            case 2: _ = try await client.node()
            case _: _ = try await client.services()
            }
            return .taken
        } catch let error as AdminError {
            try require("\(error)".utf8.count < 50_000, "an error without end")
            return .refused
        }
    }

    private func compare(_ values: [Int]?, _ member: String, _ body: [UInt8]) throws {
        guard let values, !values.isEmpty else { return }
        guard let page = PlainJournal.object(body) else {
            return try findEach(of: values, member, body)
        }
        guard let rows = page["data"] as? [[String: Any]] else {
            throw Violation("\(values) were read, Foundation reads no list")
        }
        // A second page repeats the first.
        let theirs = rows.compactMap { $0[member] as? Int }
        try require(
            values == theirs || values == theirs + theirs, "\(values) were read, \(theirs) sent")
    }

    /// Foundation refuses a whole body for a malformed text or number in a member that nobody asked
    /// for, which the client passes over. What it did read must stand there all the same.
    private func findEach(of values: [Int], _ member: String, _ body: [UInt8]) throws {
        // A name may be written in escapes, which this does not read.
        guard !body.contains(UInt8(ascii: "\\")) else { return }
        let text = String(decoding: body, as: UTF8.self)
        let sent = text.ranges(of: "\"\(member)\"").compactMap { range -> Double? in
            let rest = text[range.upperBound...].drop { $0.isWhitespace || $0 == ":" }
            return Double(rest.prefix { $0.isNumber || "+-.eE".contains($0) })
        }
        try require(
            values.allSatisfy { sent.contains(Double($0)) }, "\(values) were read, \(sent) sent")
    }
}
