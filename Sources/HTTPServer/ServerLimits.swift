internal import CMicroHTTPD

/// What one ``Listener`` grants its clients.
///
/// Beyond `connectionsPerAddress` a connection is reset without an answer, and beyond
/// `connections` it waits to be accepted: libmicrohttpd offers no other way. It does not come to
/// that soon, because the last eighth of the places is kept for new connections: those that have
/// not finished asking for longest are closed for them.
public struct ServerLimits: Sendable {
    /// Connections at one time; fewer where the process may not open as many files and some more.
    public var connections = 4096
    /// Connections at one time from one IP address; 0 for no limit. Unix sockets are not counted.
    public var connectionsPerAddress = 2048
    /// Bytes of all header names and values.
    public var headerBytes = 8 << 10
    /// Headers in one request.
    public var headerCount = 100
    /// Bytes of the target: path, `?` and query.
    public var targetBytes = 4 << 10
    /// Bytes of a refused body that are still read, so that the answer reaches a client that sends
    /// without waiting.
    public var discardedBytes = 8 << 20
    /// How long a connection may say nothing; whole seconds, rounded up.
    public var idle = Duration.seconds(60)
    /// How long head and body of one request may take to arrive, however steadily they drip.
    public var receive = Duration.seconds(60)
    /// How long the handler may take to answer. Streams may take as long as they like.
    public var requestDeadline = Duration.seconds(30)
    /// How long an answer may take to be read, however steadily. Streams may take as long as they
    /// like.
    public var send = Duration.seconds(60)
    /// How exactly times are kept: every deadline and heartbeat may come this much early or late,
    /// and later than that on a machine that is too busy to keep this pace.
    public var resolution = Duration.milliseconds(100)

    public init() {}
}

extension ServerLimits {
    /// These limits with as many connections as the process has descriptors for.
    func affordable() -> ServerLimits {
        // For files and for connections to others.
        let others = 1024
        let descriptors = shim_descriptors(connections + others)
        var affordable = self
        affordable.connections = min(
            connections, max(descriptors - others, descriptors / 2, 1))
        return affordable
    }

    /// From the beginning of a request to the end of its answer, at most.
    var answerMilliseconds: Int64 {
        receive.inMilliseconds + requestDeadline.inMilliseconds + send.inMilliseconds
    }

    /// Places for new connections that others do not keep.
    var spareConnections: Int { connections / 8 }

    /// What the library gets for one connection: the head with its bookkeeping, and some more, so
    /// that the refusal of a head is ours and not the library's page. Not much more: the library
    /// clears all of it after every request.
    var poolBytes: Int { max(20 << 10, headerBytes + targetBytes + headerCount * 64 + 1024) }

    var idleSeconds: UInt32 { UInt32(clamping: max(1, (idle.inMilliseconds + 999) / 1000)) }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var inMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1000)
        return overflows ? .max / 2 : product + attoseconds / 1_000_000_000_000_000
    }
}
