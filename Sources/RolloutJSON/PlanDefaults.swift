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
    /// How traffic is judged where a request says nothing.
    public let analysis: AnalysisPolicy
    /// False: Kong has no address to post its records to. Then the default is off, and asking
    /// for more is refused.
    public let analysisAvailable: Bool
    /// The configured names of Prometheus; empty: a check that asks one is refused; nil: any name
    /// is accepted.
    public let prometheusServers: [String]?

    public init(
        steps: Steps, drain: TimeSpan, progressDeadline: TimeSpan?, gateways: [String],
        defaultGateway: String, analysis: AnalysisPolicy = .standard,
        analysisAvailable: Bool = false, prometheusServers: [String]? = []
    ) {
        self.steps = steps
        self.drain = drain
        self.progressDeadline = progressDeadline
        self.gateways = gateways
        self.defaultGateway = defaultGateway
        self.analysis = analysis
        self.analysisAvailable = analysisAvailable
        self.prometheusServers = prometheusServers
    }

    /// The default as it can be kept.
    var effectiveAnalysis: AnalysisPolicy {
        var policy = analysis
        policy.isEnabled = analysis.isEnabled && analysisAvailable
        return policy
    }
}
