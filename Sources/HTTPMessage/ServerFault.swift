/// What a server answers by itself, before or instead of the handler.
///
/// Only the wording is the application's: see the `render` argument of the server.
public enum ServerFault: Error, Sendable, Equatable {
    /// A request that two parsers could read in two ways, or that breaks RFC 9112: 400.
    case malformed(String)
    /// The declared or the real size of the body is above the limit of that path: 413.
    case bodyTooLarge(limit: Int)
    /// The URL is longer than the limit: 414.
    case targetTooLong(limit: Int)
    /// The headers are longer than the limit: 431.
    case headersTooLarge(limit: Int)
    /// A transfer coding other than `chunked`: 501.
    case unsupportedTransferCoding
    /// The handler did not answer in time, or the request took too long to arrive: 503 or 408.
    case deadlineExceeded
    case requestTooSlow
    /// The server is stopping or is at its limit of connections: 503.
    case unavailable
}
