import Synchronization

/// All connections of one listener.
final class ConnectionRegistry: Sendable {
    private let connections = Mutex<[ObjectIdentifier: Connection]>([:])

    func insert(_ connection: Connection) {
        connections.withLock { $0[ObjectIdentifier(connection)] = connection }
    }

    func remove(_ connection: Connection) {
        _ = connections.withLock { $0.removeValue(forKey: ObjectIdentifier(connection)) }
    }

    var all: [Connection] { connections.withLock { Array($0.values) } }

    /// Whether no request is under way.
    var isIdle: Bool { !all.contains(where: \.isBusy) }

    /// Requests that were begun and not completed, but for those that are answered at a glance.
    var exchanges: [Exchange] { all.compactMap(\.exchange) }
}
