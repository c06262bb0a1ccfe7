public import HTTPTypes

/// What is known of a request before its body was read.
public struct RequestHead: Sendable {
    /// The method as sent; methods are case-sensitive (`get` is not `GET`).
    public let method: HTTPRequest.Method
    /// The raw path, beginning with `/`, without the query; `*` for `OPTIONS *`.
    public let path: String
    /// What followed the first `?`, raw; `nil` if there was none.
    public let query: String?
    /// The headers, in the order in which they came.
    public let headers: RequestHeaders
    /// The address of the other end without its port, `unix` for a unix socket.
    public let peer: String
    /// Whether the connection is TLS.
    public let isSecure: Bool
    /// The body's length in bytes as declared; `nil` if there is no body or it is chunked.
    public let contentLength: Int?
    /// Whether the body comes in chunks, so that its length is known only at its end.
    public let isChunked: Bool

    public init(
        method: HTTPRequest.Method, path: String, query: String? = nil,
        headers: RequestHeaders = RequestHeaders(), peer: String = "127.0.0.1",
        isSecure: Bool = false, contentLength: Int? = nil, isChunked: Bool = false
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.peer = peer
        self.isSecure = isSecure
        self.contentLength = contentLength
        self.isChunked = isChunked
    }

    /// Whether bytes follow the head.
    public var announcesBody: Bool { isChunked || (contentLength ?? 0) > 0 }
}

extension Request {
    public init(head: RequestHead, body: [UInt8]) {
        self.init(
            method: head.method, path: head.path, query: head.query, headers: head.headers,
            body: body, peer: head.peer, isSecure: head.isSecure)
    }
}
