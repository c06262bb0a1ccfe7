public import HTTPTypes

/// One whole HTTP request: head and body, as it was sent.
///
/// The path and the query are raw: percent escapes are decoded a segment at a time, after the
/// path was split (see ``PercentDecoding``), so that `%2F` never becomes a separator.
public struct Request: Sendable {
    /// The method as sent; methods are case-sensitive (`get` is not `GET`).
    public let method: HTTPRequest.Method
    /// The raw path, beginning with `/`, without the query.
    public let path: String
    /// What followed the first `?`, raw; `nil` if there was none.
    public let query: String?
    /// The headers, in the order in which they came.
    public let headers: RequestHeaders
    /// The whole body; empty if there was none.
    public let body: [UInt8]
    /// The address of the other end without its port, `unix` for a unix socket.
    public let peer: String
    /// Whether the connection is TLS.
    public let isSecure: Bool

    public init(
        method: HTTPRequest.Method, path: String, query: String? = nil,
        headers: RequestHeaders = RequestHeaders(), body: [UInt8] = [],
        peer: String = "127.0.0.1", isSecure: Bool = false
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.peer = peer
        self.isSecure = isSecure
    }
}
