public import Rollouts

/// What the configuration says where a request says nothing.
public struct PlanDefaults: Sendable {
    public let steps: Steps
    public let drain: TimeSpan
    /// Nil: no limit.
    public let progressDeadline: TimeSpan?
    /// The configured gateways; empty: any name is accepted.
    public let gateways: [String]
    public let defaultGateway: String

    public init(
        steps: Steps, drain: TimeSpan, progressDeadline: TimeSpan?, gateways: [String],
        defaultGateway: String
    ) {
        self.steps = steps
        self.drain = drain
        self.progressDeadline = progressDeadline
        self.gateways = gateways
        self.defaultGateway = defaultGateway
    }
}
