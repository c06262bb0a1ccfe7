public import HTTPTypes

/// One HTTP answer.
public struct Response: Sendable {
    public enum Body: Sendable {
        case empty
        case bytes([UInt8])
        /// Sent piece by piece, until the stream is finished or the client is gone.
        case stream(ResponseStream)
    }

    public var status: HTTPResponse.Status { didSet { prepared = nil } }
    public var headers: HTTPFields { didSet { prepared = nil } }
    public var body: Body { didSet { prepared = nil } }
    /// Set when the same answer is sent many times; the server may keep its own form of it here.
    /// A change of anything above ends it, so that what is sent is what was set.
    public private(set) var prepared: PreparedResponse?

    public init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
        prepared = nil
    }

    public init(_ prepared: PreparedResponse) {
        status = prepared.status
        headers = prepared.headers
        body = .bytes(prepared.bytes)
        self.prepared = prepared
    }
}
