internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Calls of one Admin API, with its entities as values and its failures as ``AdminError``.
///
/// Each call is sent once: retries are the caller's business. Calls may run at the same time, and a
/// client is cheap to copy; the connections are the transport's. A cancelled task's call is lost.
///
/// ```swift
/// let transport = try AdminTransport()
/// let client = AdminClient(try AdminEndpoint("http://127.0.0.1:8001"), transport: transport)
/// let target = try await client.updateTarget(
///     "10.0.0.7:8080", in: "models", TargetDraft(weight: 20))
/// ```
public struct AdminClient: Sendable {
    public let endpoint: AdminEndpoint
    let transport: AdminTransport
    let bounds: PageBounds

    /// The longest body that is read: 8 MiB. A longer one throws ``AdminError/limitExceeded(_:)``.
    public static let largestBody = 8 * 1024 * 1024

    /// - Parameter bounds: how far lists are followed.
    public init(
        _ endpoint: AdminEndpoint, transport: AdminTransport, bounds: PageBounds = .standard
    ) {
        self.endpoint = endpoint
        self.transport = transport
        self.bounds = bounds
    }

    /// Sends `call` and returns what a success (2xx) answered.
    ///
    /// ```swift
    /// let answer = try await client.send(AdminCall(.get, "/certificates?size=10"))
    /// print(answer.status, answer.body.count)
    /// ```
    /// - Parameter freshConnection: opens a connection for this call and closes it after, so that calls
    ///   in a row meet different workers of the node.
    public func send(
        _ call: AdminCall, freshConnection: Bool = false
    ) async throws(AdminError) -> AdminAnswer {
        guard call.isAddressable else {
            throw .unreachable("\(place(call)): a key in the path is empty or made of dots.")
        }
        let request = request(for: call, closing: freshConnection)
        let pool = freshConnection ? transport.fresh : transport.kept
        let deadline = NIODeadline.now() + TimeAmount(transport.limits.call)
        let response: HTTPClientResponse
        do {
            response = try await pool.execute(request, deadline: deadline)
        } catch {
            throw Disconnection(error).error(at: place(call))
        }
        let body = try await body(of: response, to: call)
        let status = Int(response.status.code)
        guard (200..<300).contains(status) else {
            throw failure(status, response.headers.first(name: "retry-after"), body, call)
        }
        return AdminAnswer(status: status, body: body)
    }

    private func request(for call: AdminCall, closing: Bool) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: endpoint.url + call.path)
        request.method = HTTPMethod(rawValue: call.method.rawValue)
        request.headers.add(name: "accept", value: "application/json")
        for header in endpoint.headers {
            request.headers.add(name: header.name, value: header.value)
        }
        if closing { request.headers.add(name: "connection", value: "close") }
        if let body = call.body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return request
    }

    private func body(
        of response: HTTPClientResponse, to call: AdminCall
    ) async throws(AdminError) -> [UInt8] {
        let deadline = NIODeadline.now() + TimeAmount(transport.limits.call)
        var bytes: [UInt8] = []
        do {
            for try await chunk in response.body {
                guard bytes.count + chunk.readableBytes <= Self.largestBody else {
                    throw AdminError.limitExceeded(
                        "\(place(call)): the answer is longer than \(Self.largestBody) bytes.")
                }
                bytes += chunk.readableBytesView
                // Chunks that trickle in would each begin the read time-out anew.
                guard NIODeadline.now() < deadline else {
                    throw AdminError.lost("\(place(call)): the answer came too slowly.")
                }
            }
        } catch let error as AdminError {
            throw error
        } catch {
            throw .lost(Disconnection(error).text(at: place(call)))
        }
        return bytes
    }

    private func failure(
        _ status: Int, _ retryAfter: String?, _ bytes: [UInt8], _ call: AdminCall
    ) -> AdminError {
        let body = ErrorBody(bytes)
        let place = place(call)
        switch status {
        case 401: return .unauthorized("\(place): \(veiled(body.message)).")
        case 403: return .forbidden("\(place): \(veiled(body.message)).")
        case 429:
            let seconds = retryAfter.flatMap { Int($0) }.map { min(max($0, 0), 86_400) }
            return .throttled(retryAfter: seconds.map { .seconds($0) })
        case 400..<500:
            return .refused(
                KongRefusal(
                    status: status, code: body.code, name: body.name, message: veiled(body.message),
                    fields: body.complaints.map { .init(path: $0.path, text: veiled($0.text)) },
                    place: place))
        case 500..<600:
            return .server(status: status, message: "\(place): \(veiled(body.message)).")
        default:
            return .unreadable(
                "\(place): status \(status) is none of the Admin API; is something else listening there?")
        }
    }

    /// A server may repeat what it was sent: no secret of the endpoint gets into a message that way.
    private func veiled(_ text: String) -> String {
        var text = text
        for header in endpoint.headers {
            for secret in [header.value, String(header.value.trimmingPrefix("Bearer "))]
            where secret.count >= 4 {
                text = text.replacing(secret, with: "…")
            }
        }
        return text
    }

    func place(_ call: AdminCall) -> String {
        "\(call.method.rawValue) \(call.path) at \(endpoint.url)"
    }
}

/// What a success brought.
public struct AdminAnswer: Sendable, Hashable {
    /// 200...299.
    public let status: Int
    /// JSON; empty after a deletion.
    public let body: [UInt8]
}

extension AdminClient {
    func answer<Value: Decodable>(
        _ type: Value.Type, to call: AdminCall, freshConnection: Bool = false
    ) async throws(AdminError) -> Value {
        let answer = try await send(call, freshConnection: freshConnection)
        do {
            return try JSONDecoder().decode(type, from: Data(answer.body))
        } catch {
            throw .unreadable(
                "\(place(call)): the answer is not what Kong describes (\(Self.fault(in: error))); "
                    + "is this an Admin API, of version 2.8 or later?")
        }
    }

    /// Nil for 404.
    func answerIfPresent<Value: Decodable>(
        _ type: Value.Type, to call: AdminCall, freshConnection: Bool = false
    ) async throws(AdminError) -> Value? {
        do throws(AdminError) {
            return try await answer(type, to: call, freshConnection: freshConnection)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    /// Sends a deletion. False for 404.
    func isDone(_ call: AdminCall) async throws(AdminError) -> Bool {
        do throws(AdminError) {
            _ = try await send(call)
            return true
        } catch {
            if error.isNotFound { return false }
            throw error
        }
    }

    /// Which key is wrong and how, without the value.
    private static func fault(in error: any Error) -> String {
        guard let error = error as? DecodingError else { return "not JSON" }
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
                .joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context):
            return "'\(key.stringValue)' is missing in '\(path(context))'"
        case .typeMismatch(_, let context): return "'\(path(context))' has another type"
        case .valueNotFound(_, let context): return "'\(path(context))' is null"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "not JSON" : "'\(path(context))' is out of range"
        @unknown default: return "not JSON"
        }
    }
}
