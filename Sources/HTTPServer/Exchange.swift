internal import CMicroHTTPD
internal import HTTPMessage
internal import Synchronization

/// One request and its answer.
///
/// The library calls ``access(method:version:upload:)`` on its thread: once for the head, once for
/// each piece of body, once for the end, and once after each resumption. The handler's task calls
/// ``finish(_:)`` from any thread. Both meet under one lock, and so does the suspension: an answer
/// can come before or after it, never in between.
final class Exchange: Sendable {
    enum Phase {
        /// The request line was read.
        case head
        case receiving(RequestHead, maxBody: Int, body: [UInt8])
        /// The body is dropped; this is the answer.
        case refusing(Response, dropped: Int)
        /// The handler runs on the library's thread.
        case running
        /// The handler waits for something; `since` is in ticks.
        case suspended(RequestHead, Task<Void, Never>, since: Int64)
        case ready(Response)
        case answered
        case streaming(StreamReader)
        /// The request is completed, or its connection is cut.
        case dead
    }

    let target: Target
    let handle: ConnectionHandle
    let connection: Connection
    /// In ticks: when the request line came.
    let started: Int64
    let phase = Mutex(Phase.head)
    var service: Service { connection.service }

    init(
        target: Target, handle: ConnectionHandle, connection: Connection, started: Int64
    ) {
        self.target = target
        self.handle = handle
        self.connection = connection
        self.started = started
    }

    /// Whether the request has not wholly come yet, or, `forReading`, its answer is being sent.
    func waits(forReading: Bool) -> Bool {
        phase.withLock { phase in
            switch phase {
            case .head, .receiving, .refusing: true
            case .answered: forReading
            case .running, .suspended, .ready, .streaming, .dead: false
            }
        }
    }

    // MARK: The handler's side

    /// Takes the handler's answer, or one in its stead; all but the first are dropped.
    func finish(_ response: Response) {
        let isTaken = phase.withLock { phase in
            switch phase {
            case .running:
                phase = .ready(response)
                return true
            case .suspended:
                phase = .ready(response)
                handle.resume()
                return true
            case .head, .receiving, .refusing, .ready, .answered, .streaming, .dead:
                return false
            }
        }
        if !isTaken { Self.discard(response) }
    }

    /// An answer that nobody will read: its stream, if it is one, is over.
    static func discard(_ response: Response) {
        if case .stream(let stream) = response.body { stream.close() }
    }

    // MARK: The clock's side

    /// Keeps the deadlines.
    func sweep() {
        enum Action {
            case none
            case cut(RequestHead?)
            case expire(RequestHead, Task<Void, Never>)
            case stream(StreamReader)
            case hangUp
        }
        let now = service.ticks.now
        let limits = service.limits
        let isSlow = now - started > limits.receive.inMilliseconds
        let action = phase.withLock { phase -> Action in
            switch phase {
            case .head where isSlow:
                phase = .dead
                return .cut(nil)
            case .receiving(let head, _, _) where isSlow:
                phase = .dead
                return .cut(head)
            case .refusing where isSlow:
                phase = .dead
                return .cut(nil)
            case .suspended(let head, let task, let since)
            where now - since > limits.requestDeadline.inMilliseconds:
                return .expire(head, task)
            case .answered where now - started > limits.answerMilliseconds:
                phase = .dead
                return .hangUp
            case .streaming(let reader): return .stream(reader)
            case .head, .receiving, .refusing, .running, .suspended, .ready, .answered, .dead:
                return .none
            }
        }
        switch action {
        case .none: break
        case .cut(let head): connection.cutSlow(head)
        case .expire(let head, let task):
            finish(service.fault(.deadlineExceeded, head))
            task.cancel()
        case .stream(let reader): reader.sweep()
        case .hangUp: connection.cut()
        }
    }

    // MARK: The listener's end

    /// Answers 503 in the handler's stead, and ends a stream.
    func giveUp() {
        let (head, task, reader) = phase.withLock {
            phase -> (RequestHead?, Task<Void, Never>?, StreamReader?) in
            switch phase {
            case .suspended(let head, let task, _): (head, task, nil)
            case .streaming(let reader): (nil, nil, reader)
            case .head, .receiving, .refusing, .running, .ready, .answered, .dead: (nil, nil, nil)
            }
        }
        if let head { finish(service.fault(.unavailable, head)) }
        task?.cancel()
        reader?.abandon()
    }

    /// Lets a stream end after what was pushed.
    func endStream() {
        let reader = phase.withLock { phase -> StreamReader? in
            if case .streaming(let reader) = phase { reader } else { nil }
        }
        reader?.finish()
    }

    /// The library is done with this request.
    func complete() {
        let last = phase.withLock { phase in
            defer { phase = .dead }
            return phase
        }
        switch last {
        case .suspended(_, let task, _): task.cancel()
        case .streaming(let reader): reader.close()
        case .ready(let response): Self.discard(response)
        case .head, .receiving, .refusing, .running, .answered, .dead: break
        }
        connection.end()
    }
}
