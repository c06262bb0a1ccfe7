internal import CMicroHTTPD
internal import Glibc
internal import HTTPMessage
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
        /// A request line has come that may be answered at a glance; `since` is in ticks.
        case head(since: Int64)
        /// The body of a request that came at `since` is awaited by its receiver.
        case receiving(since: Int64, AwaitedBody)
        /// A request that came at `since` is being answered at a glance.
        case glanced(since: Int64)
        case busy(Exchange)
        /// Cut off while its head was read.
        case cut
        case closed
    }

    let service: Service
    /// The address of the other end without its port.
    let peer: String
    private let descriptor: Int32
    private let link: Mutex<Link>
    /// The headers of the last request that was looked at, for clients that repeat themselves.
    private let lastHeaders = Mutex(RequestHeaders())

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
            case .waiting, .head, .receiving, .glanced, .cut, .closed: nil
            }
        }
    }

    /// Whether a request was begun and not completed.
    var isBusy: Bool {
        link.withLock { link in
            switch link {
            case .head, .receiving, .glanced, .busy: true
            case .waiting, .cut, .closed: false
            }
        }
    }

    /// Since when, in ticks, the server has waited for this client: for a whole request, or for it
    /// to take its answer. Nil: an answer is being made.
    func waits(forReading: Bool = true) -> Int64? {
        let exchange: Exchange
        switch link.withLock({ $0 }) {
        case .waiting(let since, _), .head(let since), .receiving(let since, _): return since
        case .glanced(let since): return forReading ? since : nil
        case .busy(let present): exchange = present
        case .cut, .closed: return nil
        }
        return exchange.waits(forReading: forReading) ? exchange.started : nil
    }

    func begin(_ exchange: Exchange) { link.withLock { $0 = .busy(exchange) } }

    func beginHead() { link.withLock { $0 = .head(since: service.ticks.now) } }

    /// The head was read: since when it was coming, or `nil` if that took too long.
    func glance() -> Int64? {
        link.withLock { link in
            guard case .head(let since) = link else { return nil }
            link = .glanced(since: since)
            return since
        }
    }

    /// The head was glanced at: `receiver` gets the body once all of its `length` bytes are here.
    func await(_ receiver: any BodyReceiver, length: Int) {
        link.withLock { link in
            guard case .glanced(let since) = link else { return }
            link = .receiving(since: since, AwaitedBody(receiver: receiver, length: length))
        }
    }

    /// Takes the next piece of the body that a receiver waits for.
    func take(_ piece: UnsafeRawBufferPointer) -> AwaitedBody.Progress {
        link.withLock { link in
            guard case .receiving(let since, var body) = link else { return .cut }
            link = .glanced(since: since)  // The body must have one owner while it grows.
            let progress = body.take(piece)
            if case .incomplete = progress { link = .receiving(since: since, body) }
            return progress
        }
    }

    func end() {
        link.withLock { link in
            switch link {
            case .head, .receiving, .glanced, .busy:
                link = .waiting(since: service.ticks.now, isFresh: false)
            case .waiting, .cut, .closed: break
            }
        }
    }

    /// The headers that `flat` spells, those of the last request if they are the same.
    func headers(flat: UnsafeRawBufferPointer) -> RequestHeaders {
        lastHeaders.withLock { last in
            if !last.isSpelled(flat) { last = RequestHeaders(flat: Array(flat)) }
            return last
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

    /// Cuts off a request that comes too slowly. The library has no way to answer what has not
    /// wholly come, so the answer goes to the socket beside it; nothing else is being sent then.
    /// TLS leaves only the cut.
    func cutSlow(_ head: RequestHead?) {
        guard !service.isSecure else { return cut() }
        cut(saying: Answer.wireForm(of: service.fault(.requestTooSlow, head)))
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
        enum Action {
            case none
            case cut
            case cutSlow
            case sweep(Exchange)
        }
        let limits = service.limits
        let now = service.ticks.now
        let action = link.withLock { link -> Action in
            switch link {
            case .cut, .closed: return .none
            case .glanced(let since):
                return now - since > limits.answerMilliseconds ? .cut : .none
            case .busy(let exchange): return .sweep(exchange)
            case .head(let since), .receiving(let since, _):
                guard now - since > limits.receive.inMilliseconds else { return .none }
                link = .cut
                return .cutSlow
            case .waiting(let since, let isFresh):
                let idle = isFresh ? 0 : limits.idle.inMilliseconds
                return now - since > limits.receive.inMilliseconds + idle ? .cut : .none
            }
        }
        switch action {
        case .none: if looksNow, hasLeft { cut() }
        case .cut: cut()
        case .cutSlow: cutSlow(nil)
        case .sweep(let exchange):
            exchange.sweep()
            if looksNow, hasLeft { cut() }
        }
    }

    /// Whether a whole request has been missing for another whole second. An end that comes
    /// together with bytes is not told to the library, which would wait for the rest.
    private var looksNow: Bool {
        guard let since = waits(forReading: false) else { return false }
        let silence = service.ticks.now - since
        return silence % 1000 < service.limits.resolution.inMilliseconds && silence >= 1000
    }
}
