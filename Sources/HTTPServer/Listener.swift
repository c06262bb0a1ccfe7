public import HTTPMessage
internal import Glibc
internal import Synchronization

/// A running HTTP/1.1 server on one address.
///
/// Whole requests go to one asynchronous handler, which runs on the library's thread until it first
/// suspends: an answer from memory costs no change of threads, and a handler must not block before
/// its first `await`.
///
/// What the server answers by itself is worded by `fault`. Some refusals come from libmicrohttpd
/// in HTML of its own and cannot be reached: a broken request line, a version it does not know
/// (505), a malformed `Content-Length` or chunk size (400), and a head far beyond the limits
/// (414, 431). All of them close the connection. It takes header lines without a name, NULs and
/// bare line feeds, which are found by where it keeps the lines and refused; a line of two bytes,
/// `:` and a line feed, which ends a head like an empty one, leaves no trace.
///
/// A listener that nobody stops runs on, whether it is referenced or not.
public final class Listener: Sendable {
    private enum Stopping {
        case no
        case underWay([CheckedContinuation<Void, Never>])
        case done
    }

    /// Answers a GET of `path` (raw) with neither query nor body from memory; `nil` leaves it to
    /// the handler. It runs on the library's thread and must not block.
    public typealias Immediate =
        @Sendable (_ path: Span<UInt8>, _ headers: RequestHeaders, _ peer: String)
        -> PreparedResponse?
    /// Who takes the body of a POST to `path` (raw, no query), of `length` bytes, as soon as it is
    /// whole; `nil` leaves the request to `admit` and the handler. It is asked when the head was
    /// read, on the library's thread, and must not block. Bodies whose length is not declared
    /// and clients that wait for `100 Continue` always go the usual way.
    public typealias Receiving =
        @Sendable (_ path: Span<UInt8>, _ length: Int) -> (any BodyReceiver)?

    /// The port it is bound to; 0 for a unix socket.
    public var port: UInt16 { socket.port }
    /// `http://127.0.0.1:43121`, `https://…`, or `unix:` with the path.
    public let address: String

    private let service: Service
    private let socket: ListenSocket
    private let daemon: Daemon
    private let threads: Int
    private let clock: Clock
    private let stopping = Mutex(Stopping.no)
    /// Whether the socket ends with this listener; not after a successor took over.
    private let ownsSocket = Mutex(true)

    private init(
        service: Service, socket: ListenSocket, tls: TLSIdentity?, threads: Int
    ) throws(ListenError) {
        // If it fails, the library has closed the socket.
        daemon = try Daemon(service, socket: socket, threads: threads, tls: tls)
        self.service = service
        self.socket = socket
        self.threads = threads
        address =
            socket.path.map { "unix:\($0)" } ?? "\(tls == nil ? "http" : "https")://\(socket.name)"
        clock = Clock(every: service.limits.resolution, service.tick)
    }

    /// Starts listening.
    ///
    /// - Parameters:
    ///   - threads: threads of the library; each holds its own share of the connections.
    ///   - admit: asked when the head was read, before the body; must not block.
    ///   - fault: words the answers that the server gives by itself. The head is missing where
    ///     none could be read.
    ///   - immediate: asked before all others about every GET that has neither query nor body; what
    ///     it leaves goes the usual way.
    ///   - receiving: asked before all others about every POST with a body of known length.
    ///   - handler: answers; its task is cancelled when the request's deadline has passed.
    public static func start(
        on address: ListenAddress, limits: ServerLimits = .init(), tls: TLSIdentity? = nil,
        threads: Int = 1,
        admit: @escaping @Sendable (RequestHead) -> Admission = { _ in .accept(maxBody: 1 << 20) },
        fault: @escaping @Sendable (ServerFault, RequestHead?) -> Response,
        immediate: Immediate? = nil, receiving: Receiving? = nil,
        handler: @escaping @Sendable (Request) async -> Response
    ) throws(ListenError) -> Listener {
        try start(
            on: try ListenSocket(address), limits: limits, tls: tls, threads: threads,
            admit: admit, fault: fault, immediate: immediate, receiving: receiving,
            handler: handler)
    }

    /// Starts serving a socket that listens already; if that fails, the socket is closed.
    ///
    /// See ``start(on:limits:tls:threads:admit:fault:immediate:receiving:handler:)-(ListenAddress,_,_,_,_,_,_,_,_)``.
    public static func start(
        on socket: ListenSocket, limits: ServerLimits = .init(), tls: TLSIdentity? = nil,
        threads: Int = 1,
        admit: @escaping @Sendable (RequestHead) -> Admission = { _ in .accept(maxBody: 1 << 20) },
        fault: @escaping @Sendable (ServerFault, RequestHead?) -> Response,
        immediate: Immediate? = nil, receiving: Receiving? = nil,
        handler: @escaping @Sendable (Request) async -> Response
    ) throws(ListenError) -> Listener {
        let service = Service(
            limits: limits.affordable(), isSecure: tls != nil, admit: admit, fault: fault,
            immediate: immediate, receiving: receiving,
            handler: handler)
        return try Listener(service: service, socket: socket, tls: tls, threads: threads)
    }

    /// Starts a second listener on the same socket with another certificate.
    ///
    /// libmicrohttpd 0.9.75 cannot change the certificate of a running daemon. For a new one, call
    /// this and then ``stop(grace:)`` on the old listener: no connection is refused in between.
    public func successor(tls: TLSIdentity?) throws(ListenError) -> Listener {
        let next = Service(
            limits: service.limits, isSecure: tls != nil, admit: service.admit,
            fault: service.fault, immediate: service.immediate, receiving: service.receiving,
            handler: service.handler)
        let shared = try ListenSocket(sharing: socket)
        let listener = try Listener(service: next, socket: shared, tls: tls, threads: threads)
        ownsSocket.withLock { $0 = false }
        return listener
    }

    /// Stops gracefully; a second call waits for the first.
    ///
    /// New connections are refused, streams end after what was pushed, and requests that are being
    /// answered have `grace` to finish; then they get
    /// ``HTTPMessage/ServerFault/unavailable`` and their tasks are cancelled.
    public func stop(grace: Duration) async {
        let isFirst = stopping.withLock { stopping in
            guard case .no = stopping else { return false }
            stopping = .underWay([])
            return true
        }
        guard isFirst else { return await waitForStop() }
        await shutDown(grace: grace)
        let waiting = stopping.withLock { stopping -> [CheckedContinuation<Void, Never>] in
            defer { stopping = .done }
            if case .underWay(let waiting) = stopping { return waiting }
            return []
        }
        for continuation in waiting { continuation.resume() }
    }

    private func waitForStop() async {
        await withCheckedContinuation { continuation in
            let isDone = stopping.withLock { stopping in
                guard case .underWay(let waiting) = stopping else { return true }
                stopping = .underWay(waiting + [continuation])
                return false
            }
            if isDone { continuation.resume() }
        }
    }

    /// The order matters: the library aborts the program if a connection is suspended when its
    /// daemon is stopped.
    private func shutDown(grace: Duration) async {
        service.course = .draining
        daemon.quiesce()
        if ownsSocket.withLock({ $0 }) {
            if let path = socket.path { unlink(path) }
            socket.refuse()
        }
        for exchange in service.registry.exchanges { exchange.endStream() }
        await waitUntilIdle(for: grace)
        service.course = .closing
        for exchange in service.registry.exchanges { exchange.giveUp() }
        await waitUntilIdle(for: .milliseconds(500))
        clock.cancel()
        await daemon.stop()
        // Not before: the library's thread may still be about to accept.
        socket.close()
    }

    /// Returns as soon as no request is under way, and at the latest after `limit`.
    private func waitUntilIdle(for limit: Duration) async {
        let clock = ContinuousClock()
        let end = clock.now + limit
        while clock.now < end, !service.registry.isIdle {
            do { try await clock.sleep(for: .milliseconds(5)) } catch { return }
        }
    }
}
