/// Kong's service as far as a rollout looks at it.
public struct ServiceRow: Hashable, Sendable {
    public var id: String
    public var name: String?
    /// An upstream's name, or a host.
    public var host: String
    public var port: Int
    public var scheme: String
    public var path: String?
    public var retries: Int
    public var isEnabled: Bool
    public var tags: [String]

    public init(
        id: String, name: String?, host: String, port: Int = 80, scheme: String = "http",
        path: String? = nil, retries: Int = 5, isEnabled: Bool = true, tags: [String] = []
    ) {
        self.id = id
        self.name = name
        self.host = host
        self.port = port
        self.scheme = scheme
        self.path = path
        self.retries = retries
        self.isEnabled = isEnabled
        self.tags = tags
    }
}

/// Kong's route as far as a rollout looks at it. Lists that are null in Kong are nil.
public struct RouteRow: Hashable, Sendable {
    public var id: String
    public var name: String?
    public var serviceID: String?
    public var protocols: [String]
    public var methods: [String]?
    public var hosts: [String]?
    public var paths: [String]?
    /// Whether headers, server names or an expression narrow it further.
    public var isNarrowed: Bool
    public var stripPath: Bool
    public var tags: [String]

    public init(
        id: String, name: String?, serviceID: String?, protocols: [String] = ["http", "https"],
        methods: [String]? = nil, hosts: [String]? = nil, paths: [String]? = nil,
        isNarrowed: Bool = false, stripPath: Bool = true, tags: [String] = []
    ) {
        self.id = id
        self.name = name
        self.serviceID = serviceID
        self.protocols = protocols
        self.methods = methods
        self.hosts = hosts
        self.paths = paths
        self.isNarrowed = isNarrowed
        self.stripPath = stripPath
        self.tags = tags
    }
}

/// Kong's upstream as far as a rollout looks at it.
public struct UpstreamRow: Hashable, Sendable {
    public var id: String
    public var name: String
    public var algorithm: String
    /// `none` where requests are not hashed.
    public var hashOn: String
    public var hostHeader: String?
    public var tags: [String]

    public init(
        id: String, name: String, algorithm: String = "round-robin", hashOn: String = "none",
        hostHeader: String? = nil, tags: [String] = []
    ) {
        self.id = id
        self.name = name
        self.algorithm = algorithm
        self.hashOn = hashOn
        self.hostHeader = hostHeader
        self.tags = tags
    }
}

/// A target as the database has it.
public struct TargetRow: Hashable, Sendable {
    public var id: String
    /// `host:port` in the form of `TargetAddress` wherever it has one.
    public var address: String
    /// 0...65535
    public var weight: Int
    public var tags: [String]

    public init(id: String, address: String, weight: Int, tags: [String] = []) {
        self.id = id
        self.address = address
        self.weight = weight
        self.tags = tags
    }
}

/// A target as the live balancer of one worker of one node has it.
public struct LiveTarget: Hashable, Sendable {
    public enum Health: Hashable, Sendable { case serving, unhealthy, unresolved }

    public var address: String
    /// Nil: this balancer is not built yet, which says nothing about the weight.
    public var weight: Int?
    /// How many addresses the name resolves to; each gets the full weight.
    public var addressCount: Int
    /// `ip:port`, as log records name it; IPv6 in brackets.
    public var addresses: [String]
    public var health: Health

    public init(
        address: String, weight: Int?, addressCount: Int = 1, addresses: [String] = [],
        health: Health = .serving
    ) {
        self.address = address
        self.weight = weight
        self.addressCount = addressCount
        self.addresses = addresses
        self.health = health
    }
}
