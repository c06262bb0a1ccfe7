public import HTTPTypes
public import Synchronization

/// An answer encoded once and sent as often as it is asked for.
///
/// The server that sends it keeps its own form of it in ``serverForm``, made at the first send and
/// freed with this object.
public final class PreparedResponse: Sendable {
    public let status: HTTPResponse.Status
    public let headers: HTTPFields
    public let bytes: [UInt8]
    /// The server's own copy, opaque to everybody else; touched only by the server.
    public let serverForm = Mutex<(any AnyObject & Sendable)?>(nil)

    public init(status: HTTPResponse.Status, headers: HTTPFields, bytes: [UInt8]) {
        self.status = status
        self.headers = headers
        self.bytes = bytes
    }
}
