internal import CMicroHTTPD
internal import HTTPMessage
internal import Synchronization

/// Feeds one ``HTTPMessage/ResponseStream`` to the library, which calls ``read(into:)``.
///
/// With nothing to send the connection is suspended, under the lock that ``wake()`` takes, so that
/// no push is lost between the look and the suspension.
final class StreamReader: Sendable {
    private struct State {
        var isSuspended = false
        var isOver = false
        /// In ticks: when bytes were last taken or, after a silence, could first be taken.
        var lastMoved: Int64
        /// In ticks: when the client was last looked at.
        var lastLook: Int64
    }

    private let stream: ResponseStream
    private let handle: ConnectionHandle
    private let connection: Connection
    private let state: Mutex<State>
    private static let lookEvery: Int64 = 1000

    init(_ stream: ResponseStream, handle: ConnectionHandle, connection: Connection) {
        self.stream = stream
        self.handle = handle
        self.connection = connection
        let now = connection.service.ticks.now
        state = Mutex(State(lastMoved: now, lastLook: now))
    }

    func start() {
        stream.attach { [weak self] in self?.wake() }
    }

    /// On the library's thread: the number of bytes written, or one of the two codes of an end.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            if state.isOver { return shim_end_with_error }
            switch stream.drain(into: buffer) {
            case .bytes(let count):
                state.lastMoved = connection.service.ticks.now
                return count
            case .finished: return shim_end_of_stream
            case .cutOff: return shim_end_with_error
            case .nothing:
                if connection.service.course == .closing { return shim_end_of_stream }
                state.isSuspended = true
                handle.suspend()
                return 0
            }
        }
    }

    /// On any thread, when there is something to read.
    private func wake() {
        let isBlocked = state.withLock { state in
            if state.isOver { return false }
            if resume(&state) { return false }
            return true
        }
        // The library waits for the client's socket: only the end of the connection wakes it.
        if isBlocked, stream.isCutOff { connection.cut() }
    }

    private func resume(_ state: inout State) -> Bool {
        guard state.isSuspended else { return false }
        state.isSuspended = false
        // The client owes nothing for the time in which there was nothing to send.
        state.lastMoved = connection.service.ticks.now
        handle.resume()
        return true
    }

    /// Sends heartbeats, and ends the stream of a client that left or has stopped reading.
    func sweep() {
        let now = connection.service.ticks.now
        let (isQuiet, looks, isStalled) = state.withLock { state -> (Bool, Bool, Bool) in
            if state.isOver { return (false, false, false) }
            let looks = now - state.lastLook >= Self.lookEvery
            if looks { state.lastLook = now }
            let silence = now - state.lastMoved
            guard state.isSuspended else {
                return (false, looks, silence > connection.service.limits.idle.inMilliseconds)
            }
            guard let interval = stream.heartbeatInterval else { return (false, looks, false) }
            let isQuiet = silence >= interval.inMilliseconds
            if isQuiet { state.lastMoved = now }
            return (isQuiet, looks, false)
        }
        if isStalled || (looks && connection.hasLeft) {
            abandon()
        } else if isQuiet {
            stream.push(stream.heartbeat)
        }
    }

    /// Ends the body orderly, after what was pushed.
    func finish() { stream.finish() }

    /// Ends the connection.
    func abandon() {
        connection.cut()
        state.withLock { state in
            if state.isOver { return }
            state.isOver = true
            _ = resume(&state)
        }
    }

    /// The request is completed: the handle must not be touched again.
    func close() {
        state.withLock { state in
            state.isOver = true
            state.isSuspended = false
        }
        stream.close()
    }
}
