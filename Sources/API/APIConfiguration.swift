public import RolloutJSON

/// What the interface needs to know of its surroundings.
public struct APIConfiguration: Sendable {
    /// What `Location` and `Link` begin with, without a slash at the end; nil: absolute paths.
    public let publicURL: String?
    public let tokens: TokenSet
    /// Origins of other sites whose pages may call: `https://dash.example.com`; `*`: all.
    public let allowedOrigins: [String]
    public let defaults: PlanDefaults
    public let version: String
    /// The contract as JSON.
    public let openAPI: [UInt8]
    /// The metrics in Prometheus' text format.
    public let metrics: @Sendable () -> [UInt8]
    /// Where Kong's log records go; nil: nothing is judged.
    public let telemetry: (any TelemetryPort)?

    public init(
        publicURL: String?, tokens: TokenSet, allowedOrigins: [String] = [],
        defaults: PlanDefaults, version: String, openAPI: [UInt8],
        metrics: @escaping @Sendable () -> [UInt8], telemetry: (any TelemetryPort)? = nil
    ) {
        self.publicURL = publicURL.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        self.tokens = tokens
        self.allowedOrigins = allowedOrigins
        self.defaults = defaults
        self.version = version
        self.openAPI = openAPI
        self.metrics = metrics
        self.telemetry = telemetry
    }
}
