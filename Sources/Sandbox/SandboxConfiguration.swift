/// What a sandbox is made of.
public struct SandboxConfiguration: Equatable, Sendable {
    /// An address to listen on.
    public struct Address: Equatable, Sendable {
        public var host: String
        /// 0 for any free port.
        public var port: Int

        public init(host: String = "127.0.0.1", port: Int = 0) {
            self.host = host
            self.port = port
        }
    }

    /// The Admin API of each node, one address each; at least one, at most 16.
    public var adminAddresses: [Address] = [Address()]
    /// Proxies of the first nodes, in order.
    public var proxyAddresses: [Address] = [Address()]
    /// How often a node asks the database what others wrote: Kong's `db_update_frequency`.
    public var pollDelay = Duration.seconds(5)
    /// How long a route, a service, a plugin or a new upstream takes to be live on a node that knows
    /// of it; Kong's `worker_state_update_frequency` makes that up to 5 s.
    public var stateDelay = Duration.seconds(1)
    /// Whether there is no database: entities come whole through `POST /config`.
    public var isDBLess = false
    public var models: [ModelSpecification] = []

    public init() {}
}

/// Why a sandbox could not start.
public enum SandboxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `address` is taken, forbidden, or none of this machine's.
    case cannotListen(address: String, reason: String)
    /// The configuration contradicts itself.
    case badConfiguration(String)

    public var description: String {
        switch self {
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .badConfiguration(let reason): reason
        }
    }
}
