internal import AsyncHTTPClient
internal import HTTPMessage
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1

/// Sends a proxied request to one peer.
struct UpstreamClient: Sendable {
    /// Why a try failed.
    enum Failure: Error, Equatable {
        /// Nothing was sent: safe to try elsewhere, whatever the method.
        case noConnection
        case timedOut
        case broken
    }

    let client: HTTPClient

    init() {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func stop() async {
        do { try await client.shutdown() } catch { return }
    }

    func send(
        _ method: String, to endpoint: NameTable.Endpoint, target: String,
        headers: [(String, String)], body: [UInt8], timeout: Duration
    ) async throws(Failure) -> Response {
        var request = HTTPClientRequest(
            url: "http://\(endpoint.dialHost):\(endpoint.dialPort)\(target)")
        request.method = HTTPMethod(rawValue: method)
        request.headers = HTTPHeaders(headers)
        if !body.isEmpty { request.body = .bytes(body) }
        do {
            let limit = TimeAmount.nanoseconds(
                timeout.components.seconds * 1_000_000_000 + timeout.components.attoseconds / 1_000_000_000)
            let response = try await client.execute(request, deadline: .now() + limit)
            var collected = try await response.body.collect(upTo: ProxyLimits.bodyBytes)
            let bytes = collected.readBytes(length: collected.readableBytes) ?? []
            return Self.answer(response, bytes)
        } catch let error as HTTPClientError {
            if error == .connectTimeout { throw .noConnection }
            throw error == .deadlineExceeded || error == .readTimeout ? .timedOut : .broken
        } catch is NIOTooManyBytesError {
            throw .broken
        } catch is CancellationError {
            throw .broken
        } catch {
            throw .noConnection
        }
    }

    /// Posts log records; true if they were taken.
    func post(_ body: [UInt8], _ settings: HTTPLogSettings) async -> Bool {
        var request = HTTPClientRequest(url: settings.url)
        request.method = HTTPMethod(rawValue: settings.method)
        request.headers = HTTPHeaders(settings.headers)
        request.body = .bytes(body)
        do {
            let response = try await client.execute(
                request, timeout: .milliseconds(Int64(settings.timeout / .milliseconds(1))))
            _ = try await response.body.collect(upTo: ProxyLimits.bodyBytes)
            return response.status.code < 300
        } catch {
            return false
        }
    }

    private static let hopByHop: Set<String> = [
        "connection", "keep-alive", "transfer-encoding", "upgrade", "content-length", "te",
        "trailer", "proxy-connection",
    ]

    static func isHopByHop(_ name: String) -> Bool { hopByHop.contains(name.lowercased()) }

    private static func answer(_ response: HTTPClientResponse, _ bytes: [UInt8]) -> Response {
        var fields = HTTPFields()
        for (name, value) in response.headers where !isHopByHop(name) {
            if let field = HTTPField.Name(name) { fields.append(HTTPField(name: field, value: value)) }
        }
        return Response(
            status: .init(code: Int(response.status.code)), headers: fields,
            body: bytes.isEmpty ? .empty : .bytes(bytes))
    }
}
