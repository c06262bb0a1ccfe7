import AsyncHTTPClient
import JSONText
import NIOCore
import NIOHTTP1

/// A client of this program's own interface, for the demo.
struct ServiceClient {
    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    let base: String
    let http = HTTPClient(eventLoopGroupProvider: .singleton)

    func shutdown() async {
        do { try await http.shutdown() } catch { print("client: \(error)") }
    }

    /// Sends a request and wants one of `statuses`.
    func call(
        _ method: String, _ path: String, _ body: JSONValue? = nil, wait: Int = 30,
        wants statuses: ClosedRange<Int> = 200...299
    ) async throws -> JSONValue {
        var request = HTTPClientRequest(url: base + path)
        request.method = .RAW(value: method)
        request.headers.add(name: "Prefer", value: "wait=\(wait)")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body.encoded())
        }
        let response = try await http.execute(request, timeout: .seconds(Int64(wait) + 10))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        let text = String(buffer: bytes)
        guard statuses.contains(Int(response.status.code)) else {
            throw Unexpected(
                description: "\(method) \(path) answered \(response.status.code): \(text)")
        }
        return bytes.readableBytes == 0
            ? .null : try JSONValue(parsing: Array(buffer: bytes))
    }
}
