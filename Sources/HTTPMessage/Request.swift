public import HTTPTypes

/// One whole HTTP request: head and body, as it was sent.
///
/// The path and the query are raw: percent escapes are decoded a segment at a time, after the
/// path was split (see ``PercentDecoding``), so that `%2F` never becomes a separator.
public struct Request: Sendable {
    public let head: RequestHead
    /// The whole body; empty if there was none.
    public let body: [UInt8]

    /// The method as sent; methods are case-sensitive (`get` is not `GET`).
    @inlinable public var method: HTTPRequest.Method { head.method }
    /// The raw path, beginning with `/`, without the query.
    @inlinable public var path: String { head.path }
    /// What followed the first `?`, raw; `nil` if there was none.
    @inlinable public var query: String? { head.query }
    /// The headers, in the order in which they came.
    @inlinable public var headers: RequestHeaders { head.headers }
    /// The address of the other end without its port, `unix` for a unix socket.
    @inlinable public var peer: String { head.peer }
    /// Whether the connection is TLS.
    @inlinable public var isSecure: Bool { head.isSecure }

    public init(head: RequestHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }

    public init(
        method: HTTPRequest.Method, path: String, query: String? = nil,
        headers: RequestHeaders = RequestHeaders(), body: [UInt8] = [],
        peer: String = "127.0.0.1", isSecure: Bool = false
    ) {
        head = RequestHead(
            method: method, path: path, query: query, headers: headers, peer: peer,
            isSecure: isSecure, contentLength: body.isEmpty ? nil : body.count)
        self.body = body
    }
}
