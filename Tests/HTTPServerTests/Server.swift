import Dispatch
import HTTPMessage
import HTTPServer
import HTTPTypes
import Synchronization

/// Starts a listener on a free port of the loopback, runs `body`, and stops it.
func withServer(
    limits: ServerLimits = .quick, tls: TLSIdentity? = nil, on address: ListenAddress = .anyPort,
    admit: @escaping @Sendable (RequestHead) -> Admission = { _ in .accept(maxBody: 1 << 20) },
    immediate: Listener.Immediate? = nil, receiving: Listener.Receiving? = nil,
    handler: @escaping @Sendable (Request) async -> Response = { echo($0) },
    _ body: @Sendable (Listener) async throws -> Void
) async throws {
    try await Turnstile.servers.pass {
        let listener = try Listener.start(
            on: address, limits: limits, tls: tls, admit: admit, fault: worded,
            immediate: immediate, receiving: receiving, handler: handler)
        do {
            try await withTaskExecutorPreference(OwnThread()) { try await body(listener) }
        } catch {
            await listener.stop(grace: .zero)
            throw error
        }
        await listener.stop(grace: .zero)
    }
}

/// Runs a test on a thread of its own: its clients block, and Swift's pool is for the handlers.
private final class OwnThread: TaskExecutor {
    private let queue = DispatchQueue(label: "test")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

extension ListenAddress {
    static let anyPort = ListenAddress.tcp(host: "127.0.0.1", port: 0)
}

extension ServerLimits {
    /// Deadlines that a test can wait for, and none that it meets by chance.
    static var quick: ServerLimits {
        var limits = ServerLimits()
        limits.resolution = .milliseconds(10)
        return limits
    }
}

@Sendable func worded(_ fault: ServerFault, _ head: RequestHead?) -> Response {
    let status: HTTPResponse.Status =
        switch fault {
        case .malformed: .badRequest
        case .bodyTooLarge: .contentTooLarge
        case .targetTooLong: .uriTooLong
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .unsupportedTransferCoding: .notImplemented
        case .deadlineExceeded, .unavailable: .serviceUnavailable
        case .requestTooSlow: .requestTimeout
        }
    return Response(status: status, body: .bytes(Array("ours: \(fault)".utf8)))
}

/// Method, path, query and body, one a line.
@Sendable func echo(_ request: Request) -> Response {
    let text = """
        \(request.method.rawValue)
        \(request.path)
        \(request.query ?? "-")
        \(String(decoding: request.body, as: UTF8.self))
        """
    return Response(status: .ok, body: .bytes(Array(text.utf8)))
}

/// A gate that handlers wait at and tests open; also counts what comes to it.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrived = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    /// How many have arrived.
    var count: Int { state.withLock { $0.arrived } }

    /// Counts, and waits until the gate is open.
    func pass() async {
        arrive()
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    /// Counts only.
    func arrive() {
        let due = state.withLock { state in
            state.arrived += 1
            let due = state.watchers.filter { $0.count <= state.arrived }
            state.watchers.removeAll { $0.count <= state.arrived }
            return due
        }
        for watcher in due { watcher.continuation.resume() }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until so many have arrived.
    func arrivals(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isDue = state.withLock { state in
                if state.arrived < count { state.watchers.append((count, continuation)) }
                return state.arrived >= count
            }
            if isDue { continuation.resume() }
        }
    }
}
