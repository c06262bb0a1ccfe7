internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// One client's connection, from its acceptance to its end.
///
/// It keeps the descriptor so that a client which drips or stalls can be cut off from another
/// thread: `shutdown` makes the library see the end. The lock keeps that from hitting a descriptor
/// that was closed and given to somebody else.
final class Connection: Sendable {
    private enum Link {
        /// No request line has come. `since` is in ticks; `isFresh` before the first request.
        case waiting(since: Int64, isFresh: Bool)
        case busy(Exchange)
        case closed
    }

    let service: Service
    /// The address of the other end without its port.
    let peer: String
    private let descriptor: Int32
    private let link: Mutex<Link>

    init(service: Service, peer: String, descriptor: Int32) {
        self.service = service
        self.peer = peer
        self.descriptor = descriptor
        link = Mutex(.waiting(since: service.ticks.now, isFresh: true))
    }

    /// The request that is being read or answered.
    var exchange: Exchange? {
        link.withLock { link in
            switch link {
            case .busy(let exchange): exchange
            case .waiting, .closed: nil
            }
        }
    }

    func begin(_ exchange: Exchange) { link.withLock { $0 = .busy(exchange) } }

    func end() {
        link.withLock { link in
            if case .busy = link { link = .waiting(since: service.ticks.now, isFresh: false) }
        }
    }

    /// Must be called before the descriptor is closed.
    func close() { link.withLock { $0 = .closed } }

    /// Ends the connection under the library's feet; it notices by itself.
    func cut() {
        link.withLock { link in
            if case .closed = link { return }
            _ = shutdown(descriptor, shim_shut_both)
        }
    }

    /// Sends `bytes` beside the library, as far as the socket takes them at once, and cuts the
    /// connection. Only while nothing else can be sent, and never on TLS.
    func cut(saying bytes: [UInt8]) {
        link.withLock { link in
            if case .closed = link { return }
            let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
            _ = send(descriptor, bytes, bytes.count, flags)
            _ = shutdown(descriptor, shim_shut_both)
        }
    }

    /// Whether the client has closed its side.
    var hasLeft: Bool {
        link.withLock { link in
            if case .closed = link { return true }
            var watched = pollfd(fd: descriptor, events: shim_peer_closed, revents: 0)
            return poll(&watched, 1, 0) > 0
        }
    }

    /// Keeps the deadlines.
    func sweep() {
        let limits = service.limits
        let (exchange, isLate) = link.withLock { link -> (Exchange?, Bool) in
            switch link {
            case .closed: return (nil, false)
            case .busy(let exchange): return (exchange, false)
            case .waiting(let since, let isFresh):
                let idle = isFresh ? 0 : limits.idle.inMilliseconds
                return (nil, service.ticks.now - since > limits.receive.inMilliseconds + idle)
            }
        }
        if isLate { cut() }
        exchange?.sweep()
    }
}
