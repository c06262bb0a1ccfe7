public import HTTPTypes

/// What is known of a request before its body was read.
public struct RequestHead: Sendable {
    /// One object, so that handing a head on costs one count and not one for each string.
    @usableFromInline
    final class Fields: Sendable {
        @usableFromInline let method: HTTPRequest.Method
        @usableFromInline let path: String
        @usableFromInline let query: String?
        @usableFromInline let headers: RequestHeaders
        @usableFromInline let peer: String
        @usableFromInline let isSecure: Bool
        @usableFromInline let contentLength: Int?
        @usableFromInline let isChunked: Bool

        init(
            method: HTTPRequest.Method, path: String, query: String?, headers: RequestHeaders,
            peer: String, isSecure: Bool, contentLength: Int?, isChunked: Bool
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
    }

    @usableFromInline let fields: Fields

    /// The method as sent; methods are case-sensitive (`get` is not `GET`).
    @inlinable public var method: HTTPRequest.Method { fields.method }
    /// The raw path, beginning with `/`, without the query; `*` for `OPTIONS *`.
    @inlinable public var path: String { fields.path }
    /// What followed the first `?`, raw; `nil` if there was none.
    @inlinable public var query: String? { fields.query }
    /// The headers, in the order in which they came.
    @inlinable public var headers: RequestHeaders { fields.headers }
    /// The address of the other end without its port, `unix` for a unix socket.
    @inlinable public var peer: String { fields.peer }
    /// Whether the connection is TLS.
    @inlinable public var isSecure: Bool { fields.isSecure }
    /// The body's length in bytes as declared; `nil` if there is no body or it is chunked.
    @inlinable public var contentLength: Int? { fields.contentLength }
    /// Whether the body comes in chunks, so that its length is known only at its end.
    @inlinable public var isChunked: Bool { fields.isChunked }

    public init(
        method: HTTPRequest.Method, path: String, query: String? = nil,
        headers: RequestHeaders = RequestHeaders(), peer: String = "127.0.0.1",
        isSecure: Bool = false, contentLength: Int? = nil, isChunked: Bool = false
    ) {
        fields = Fields(
            method: method, path: path, query: query, headers: headers, peer: peer,
            isSecure: isSecure, contentLength: contentLength, isChunked: isChunked)
    }

    /// Whether bytes follow the head.
    public var announcesBody: Bool { isChunked || (contentLength ?? 0) > 0 }
}
