import Synchronization

/// The body of an answer that is sent while it is being made, such as `text/event-stream`.
///
/// Writers push from any thread; the server drains. What has not been sent is bounded: a client
/// that reads too slowly is cut off, never waited for.
public final class ResponseStream: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        /// How many of `waiting`, from its start, were sent already.
        var sent = 0
        var unsent: Int { waiting.count - sent }
        var isFinished = false
        var isCutOff = false
        var isClosed = false
        /// Called, under no lock, when there is something new to send; set by the server.
        var wake: (@Sendable () -> Void)?
        var onClose: (@Sendable () -> Void)?
        /// Whoever waits until no more than so many bytes are unsent.
        var waiter: (most: Int, continuation: CheckedContinuation<Void, Never>)?

        /// The waiter, when what it waits for has come; call it under no lock.
        mutating func readyWaiter() -> CheckedContinuation<Void, Never>? {
            guard let waiter, unsent <= waiter.most || isClosed || isCutOff else { return nil }
            self.waiter = nil
            return waiter.continuation
        }
    }

    /// Bytes that may wait for a slow client before it is cut off.
    public let capacity: Int
    /// What the server sends by itself when nothing was sent for ``heartbeatInterval``.
    public let heartbeat: [UInt8]
    /// `nil`: no heartbeats, and a client that has gone is noticed only by writing.
    public let heartbeatInterval: Duration?
    private let state = Mutex(State())

    public init(
        capacity: Int = 1 << 20, heartbeat: [UInt8] = [], heartbeatInterval: Duration? = nil
    ) {
        self.capacity = capacity
        self.heartbeat = heartbeat
        self.heartbeatInterval = heartbeatInterval
    }

    /// Queues `bytes`. Returns false if the stream is over: finished, cut off, or its client gone.
    @discardableResult
    public func push(_ bytes: [UInt8]) -> Bool {
        let (accepted, wake) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            guard !state.isFinished, !state.isCutOff else { return (false, nil) }
            guard bytes.count <= capacity - state.unsent else {
                state.isCutOff = true
                return (false, state.wake)
            }
            if state.sent > state.waiting.count / 2 {
                state.waiting.removeFirst(state.sent)
                state.sent = 0
            }
            state.waiting.append(contentsOf: bytes)
            return (true, state.wake)
        }
        wake?()
        return accepted
    }

    /// Waits until at most `most` bytes are unsent, or the stream is over. One may wait at a time.
    public func settles(to most: Int) async {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                state.waiter = (most, continuation)
                return state.readyWaiter()
            }
            ready?.resume()
        }
    }

    /// Ends the body after what was pushed.
    public func finish() {
        let wake = state.withLock { state in
            state.isFinished = true
            return state.wake
        }
        wake?()
    }

    /// Sets what to do once the body is over, for whatever reason; called once, on any thread;
    /// at once if the body is over already.
    public func onClose(_ action: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if !state.isClosed { state.onClose = action }
            return state.isClosed
        }
        if isOver { action() }
    }

    // MARK: The server's side

    public enum Drained: Sendable, Equatable {
        /// So many bytes were written; at least one.
        case bytes(Int)
        case nothing
        case finished
        case cutOff
    }

    /// Sets what to call when there is something to drain.
    public func attach(wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.wake = wake }
    }

    /// Whether the client read so slowly that the stream was given up.
    public var isCutOff: Bool { state.withLock { $0.isCutOff } }

    /// Moves what waits, as much as fits, into `buffer`.
    public func drain(into buffer: UnsafeMutableRawBufferPointer) -> Drained {
        let (drained, ready) = state.withLock { state in
            let drained = Self.drain(&state, into: buffer)
            return (drained, state.readyWaiter())
        }
        ready?.resume()
        return drained
    }

    private static func drain(
        _ state: inout State, into buffer: UnsafeMutableRawBufferPointer
    ) -> Drained {
        if state.isCutOff { return .cutOff }
        if state.unsent == 0 { return state.isFinished ? .finished : .nothing }
        let count = min(buffer.count, state.unsent)
        let start = state.sent
        state.waiting.withUnsafeBytes { waiting in
            buffer.copyMemory(from: .init(rebasing: waiting[start..<(start + count)]))
        }
        state.sent += count
        if state.unsent == 0 {
            state.waiting.removeAll(keepingCapacity: state.waiting.capacity <= 1 << 16)
            state.sent = 0
        }
        return .bytes(count)
    }

    /// Says that the connection is over; nothing can be sent any more.
    public func close() {
        let (action, ready) = state.withLock { state in
            state.isFinished = true
            state.isClosed = true
            state.waiting = []
            state.sent = 0
            state.wake = nil
            defer { state.onClose = nil }
            return (state.onClose, state.readyWaiter())
        }
        ready?.resume()
        action?()
    }
}
