/// Whether the first step comes by itself once the canary is registered.
public enum StartMode: String, CaseIterable, Sendable { case auto, manual }

/// A label and the servers that run it.
public struct Version: Hashable, Sendable {
    /// 1...63 printable characters.
    public let label: String
    /// 1...100, no address twice.
    public let targets: [TargetAddress]

    /// The most targets a version may have.
    public static let targetLimit = 100

    public init(label: String, targets: [TargetAddress]) {
        self.label = label
        self.targets = targets
    }
}

/// What a person asked for, with what the configuration adds. What the person left out of the
/// three entities is nil: it is taken from what is there, or named after the rollout.
public struct RolloutPlan: Hashable, Sendable {
    /// Kong's service: where requests go once a route matched.
    public struct Service: Hashable, Sendable {
        public var name: String?
        /// `http` or `https`.
        public var scheme: String?
        public var path: String?
        /// 0...32767; Kong's default is 5.
        public var retries: Int?

        public init(
            name: String? = nil, scheme: String? = nil, path: String? = nil, retries: Int? = nil
        ) {
            self.name = name
            self.scheme = scheme
            self.path = path
            self.retries = retries
        }
    }

    /// Kong's route: which requests are meant.
    public struct Route: Hashable, Sendable {
        public var name: String?
        public var paths: [String]?
        public var methods: [String]?
        public var protocols: [String]?
        public var hosts: [String]?
        public var stripPath: Bool?

        public init(
            name: String? = nil, paths: [String]? = nil, methods: [String]? = nil,
            protocols: [String]? = nil, hosts: [String]? = nil, stripPath: Bool? = nil
        ) {
            self.name = name
            self.paths = paths
            self.methods = methods
            self.protocols = protocols
            self.hosts = hosts
            self.stripPath = stripPath
        }
    }

    public let name: RolloutName
    public var labels: [String: String]
    /// The configured name of a gateway.
    public let gateway: String
    public let service: Service
    /// The name of Kong's upstream, which holds the targets.
    public let upstream: String?
    public let route: Route
    /// The label of what serves now.
    public let stableLabel: String
    /// Nil: what the upstream holds above 0 without the canary's targets.
    public let stableTargets: [TargetAddress]?
    public let canary: Version
    public var steps: Steps
    public let start: StartMode
    /// Whether entities that are not ours may be changed.
    public var adopt: Bool
    /// Whether an upstream that hashes is accepted, with shares that are approximate.
    public let sticky: Bool
    /// How long our targets stay in Kong at weight 0 after the end.
    public let drain: TimeSpan
    /// Time allowed in `pending` or `shifting`; nil: no limit.
    public var progressDeadline: TimeSpan?
    /// How the traffic is judged.
    public var analysis: AnalysisPolicy

    public init(
        name: RolloutName, labels: [String: String] = [:], gateway: String = "default",
        service: Service = Service(), upstream: String? = nil, route: Route,
        stableLabel: String = "stable", stableTargets: [TargetAddress]? = nil, canary: Version,
        steps: Steps, start: StartMode = .auto, adopt: Bool = false, sticky: Bool = false,
        drain: TimeSpan, progressDeadline: TimeSpan?, analysis: AnalysisPolicy = .off
    ) {
        self.name = name
        self.labels = labels
        self.gateway = gateway
        self.service = service
        self.upstream = upstream
        self.route = route
        self.stableLabel = stableLabel
        self.stableTargets = stableTargets
        self.canary = canary
        self.steps = steps
        self.start = start
        self.adopt = adopt
        self.sticky = sticky
        self.drain = drain
        self.progressDeadline = progressDeadline
        self.analysis = analysis
    }
}
