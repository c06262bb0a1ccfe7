/// One Kong as configured.
public struct GatewayConfiguration: Sendable {
    public var name: String
    /// Every node of one database; at least one.
    public var nodes: [any KongNode]
    /// Where clients reach the proxy, without a slash at the end; nil: not told.
    public var proxy: String?
    /// How often an idle rollout is read again.
    public var resync: Duration
    /// How long a silent node is waited for before it is left out.
    public var nodeGrace: Duration
    /// How long a route or service may take until every worker follows it; Kong's defaults need
    /// up to 10 s.
    public var routePropagation: Duration
    /// How records of the traffic come here; nil: they cannot, so nothing is attached.
    public var telemetry: TelemetrySettings?

    public init(
        name: String, nodes: [any KongNode], proxy: String? = nil,
        resync: Duration = .seconds(15), nodeGrace: Duration = .seconds(30),
        routePropagation: Duration = .seconds(12), telemetry: TelemetrySettings? = nil
    ) {
        self.name = name
        self.nodes = nodes
        self.proxy = proxy
        self.resync = resync
        self.nodeGrace = nodeGrace
        self.routePropagation = routePropagation
        self.telemetry = telemetry
    }
}
