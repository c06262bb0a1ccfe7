import HTTPMessage
internal import Synchronization

/// What all connections of one listener share.
final class Service: Sendable {
    /// How far the listener's end has come.
    enum Course: Int, AtomicRepresentable, Comparable {
        case serving
        /// New requests are refused, old ones may finish.
        case draining
        /// Nothing may be suspended any more.
        case closing

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    let limits: ServerLimits
    let isSecure: Bool
    let admit: @Sendable (RequestHead) -> Admission
    let fault: @Sendable (ServerFault, RequestHead?) -> Response
    let immediate: Listener.Immediate?
    let receiving: Listener.Receiving?
    let handler: @Sendable (Request) async -> Response
    let registry = ConnectionRegistry()
    let ticks: Ticks
    private let atomicCourse = Atomic(Course.serving)

    init(
        limits: ServerLimits, isSecure: Bool,
        admit: @escaping @Sendable (RequestHead) -> Admission,
        fault: @escaping @Sendable (ServerFault, RequestHead?) -> Response,
        immediate: Listener.Immediate?, receiving: Listener.Receiving?,
        handler: @escaping @Sendable (Request) async -> Response
    ) {
        self.limits = limits
        ticks = Ticks(pace: max(.milliseconds(1), limits.resolution))
        self.isSecure = isSecure
        self.admit = admit
        self.fault = fault
        self.immediate = immediate
        self.receiving = receiving
        self.handler = handler
    }

    /// Whether some requests need no ``Exchange``.
    var glances: Bool { immediate != nil || receiving != nil }

    var course: Course {
        get { atomicCourse.load(ordering: .acquiring) }
        set { atomicCourse.store(newValue, ordering: .releasing) }
    }

    /// Keeps every deadline and heartbeat; called at the pace of the limits' resolution.
    @Sendable func tick() {
        ticks.advance()
        let all = registry.all
        for connection in all { connection.sweep() }
        makeRoom(all)
    }

    /// Closes connections on which the server waits for the client, the oldest first, so that many
    /// that say or read nothing, or little, do not keep everybody else out.
    private func makeRoom(_ all: [Connection]) {
        let excess = all.count - (limits.connections - limits.spareConnections)
        guard excess > 0 else { return }
        let silent = all.compactMap { connection in
            connection.waits().map { (connection, $0) }
        }
        for (connection, _) in silent.sorted(by: { $0.1 < $1.1 }).prefix(excess) {
            connection.cut()
        }
    }
}
