public import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Puts questions to Prometheus: instant queries that give one number.
///
/// ```swift
/// let client = PrometheusClient(server, over: httpClient)
/// let rate = try await client.value(of: #"sum(rate(errors_total{version="v7"}[1m]))"#)
/// ```
public struct PrometheusClient: Sendable {
    /// The most of an answer that is read, in bytes; one number needs some hundred.
    private static let answerLimit = 1 << 20
    private static let patience = TimeAmount.seconds(5)

    public let server: PrometheusServer
    private let http: HTTPClient

    /// - Parameter http: shared, and shut down by its owner.
    public init(_ server: PrometheusServer, over http: HTTPClient) {
        self.server = server
        self.http = http
    }

    /// Asks for the value now.
    ///
    /// - Returns: nil when the query gives no series, or a value that is no number: nothing is
    ///   known then, which is neither good nor bad.
    public func value(of query: String) async throws(PrometheusError) -> Double? {
        var request = HTTPClientRequest(url: server.url + "/api/v1/query")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "accept", value: "application/json")
        if let bearer = server.bearer {
            request.headers.add(name: "authorization", value: "Bearer \(bearer)")
        }
        request.body = .bytes(ByteBuffer(string: "query=" + Self.formEncoded(query)))
        let status: Int
        let bytes: [UInt8]
        do {
            let response = try await http.execute(request, timeout: Self.patience)
            status = Int(response.status.code)
            let body = try await response.body.collect(upTo: Self.answerLimit)
            bytes = Array(body.readableBytesView)
        } catch {
            throw .unreachable("\(error)")
        }
        return try QueryAnswer.value(in: bytes, status: status)
    }

    /// Percent-encoded for a form: everything but letters, digits and `-._~`.
    static func formEncoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
