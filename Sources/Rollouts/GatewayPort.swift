/// A call to Kong's Admin API that would be made, or was.
public struct PlannedCall: Hashable, Sendable {
    public let method: String
    /// From the Admin API's base path: `/upstreams/ml-upstream/targets/…`.
    public let path: String
    /// JSON, secrets as `***`; empty: no body.
    public let body: [UInt8]
    /// One sentence: what it is for.
    public let why: String

    public init(method: String, path: String, body: [UInt8], why: String) {
        self.method = method
        self.path = path
        self.body = body
        self.why = why
    }
}

/// What looking at Kong before the first write said.
public enum Survey: Sendable {
    /// It can go on; `calls` are what would be written until the canary is registered.
    case ready(Footing, calls: [PlannedCall])
    /// What is there is not ours, or can never be used: the cause's reason tells which.
    case refused(Cause, Footing?)
    /// The plan cannot work on what is there: what a person must change, as JSON pointer and text.
    case invalid(pointer: String, detail: String)
    /// The Admin API did not answer: checked again, before the first write, when it does.
    case unreachable(String)
}

/// What a pass of the gateway found. `epoch` is that of the rollout it read.
public struct GatewayReport: Sendable {
    public enum Finding: Sendable {
        /// Only the view has moved.
        case looked
        /// Before the first write: save this, or nothing may be written.
        case surveyed(Footing)
        /// Every node serves `share`, with these entities.
        case confirmed(TrafficShare, Footing)
        case refused(Cause)
        case drifted(Cause)
        /// Nothing of an ended rollout is left to take out of Kong.
        case drained
    }

    public let rollout: RolloutName
    public let epoch: Int
    public let finding: Finding
    public let view: GatewayView

    public init(rollout: RolloutName, epoch: Int, finding: Finding, view: GatewayView) {
        self.rollout = rollout
        self.epoch = epoch
        self.finding = finding
        self.view = view
    }
}

/// What the gateway's side needs of the engine.
public protocol RolloutSource: Sendable {
    /// The rollout as last saved; nil: forgotten.
    func saved(_ name: RolloutName) async -> Rollout?
    /// The names of other rollouts on the same gateway whose targets or drains must be respected.
    func others(on gateway: String, upstream: String, than name: RolloutName) async -> [Rollout]
    /// Takes a finding in. Returns the rollout as saved afterwards; nil: forgotten.
    func took(_ report: GatewayReport) async -> Rollout?
}

/// What the engine's side needs of the gateways.
public protocol GatewayPort: Sendable {
    /// Looks at Kong, reads only.
    func survey(_ plan: RolloutPlan) async -> Survey
    /// Something was saved: look soon. A hint only; a lost one delays and never corrupts.
    func wake(_ name: RolloutName, gateway: String, isUrgent: Bool)
    /// Stops following a rollout.
    func forget(_ name: RolloutName, gateway: String)
    /// The calls that would be made now; throws when Kong cannot be read.
    func plannedCalls(for rollout: Rollout) async throws(GatewayUnreadable) -> [PlannedCall]
    /// Every configured gateway as it is now.
    func descriptions() async -> [GatewayDescription]
}

/// Kong could not be read.
public struct GatewayUnreadable: Error, Sendable {
    public let message: String
    public init(message: String) { self.message = message }
}

/// A configured gateway, for people.
public struct GatewayDescription: Sendable {
    public struct Node: Sendable {
        public let address: String
        public let isReachable: Bool
        public let version: String?
        public let id: String?
        public let workers: Int?
        public let message: String?

        public init(
            address: String, isReachable: Bool, version: String?, id: String?, workers: Int?,
            message: String?
        ) {
            self.address = address
            self.isReachable = isReachable
            self.version = version
            self.id = id
            self.workers = workers
            self.message = message
        }
    }

    public let name: String
    /// `postgres`, `off`, or what Kong says; nil: not known.
    public let databaseMode: String?
    public let nodes: [Node]
    /// Where clients reach the proxy, as configured.
    public let proxy: String?

    public init(name: String, databaseMode: String?, nodes: [Node], proxy: String?) {
        self.name = name
        self.databaseMode = databaseMode
        self.nodes = nodes
        self.proxy = proxy
    }
}
