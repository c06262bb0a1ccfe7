/// One node's Admin API: the few calls a rollout needs. Nothing is sent twice by itself.
public protocol KongNode: Sendable {
    /// For people; no secret.
    var address: String { get }
    func facts() async throws(NodeError) -> NodeFacts
    /// One small read that needs the database.
    func probe() async throws(NodeError)
    /// By id or name, as for the next; nil: not there.
    func service(_ key: String) async throws(NodeError) -> ServiceRow?
    func services() async throws(NodeError) -> [ServiceRow]
    func route(_ key: String) async throws(NodeError) -> RouteRow?
    func routes() async throws(NodeError) -> [RouteRow]
    func upstream(_ key: String) async throws(NodeError) -> UpstreamRow?
    /// Nil: there is no such upstream.
    func targets(of upstream: String) async throws(NodeError) -> [TargetRow]?
    /// Over a connection of its own, so that calls in a row meet different workers.
    func live(of upstream: String) async throws(NodeError) -> [LiveTarget]?
    /// The plugins of one route; nil: there is no such route.
    func plugins(ofRoute route: String) async throws(NodeError) -> [PluginRow]?
    /// All plugins, of every scope.
    func plugins() async throws(NodeError) -> [PluginRow]
    /// Returns the entity's id.
    func write(_ write: KongWrite) async throws(NodeError) -> String
}

/// What a node says of itself.
public struct NodeFacts: Hashable, Sendable {
    public var version: String
    public var id: String?
    public var workers: Int?
    /// `postgres`, `off`, …
    public var database: String
    /// `traditional`, `control_plane` or `data_plane`.
    public var role: String?

    public init(
        version: String, id: String?, workers: Int?, database: String, role: String? = nil
    ) {
        self.version = version
        self.id = id
        self.workers = workers
        self.database = database
        self.role = role
    }

    /// Whether its log plugin has a queue of its own kind, as since 3.3.
    var hasLogQueue: Bool {
        let parts = version.split(separator: ".", maxSplits: 2).map { Int($0) ?? 0 }
        guard let major = parts.first, parts.count > 1 else { return true }
        return (major, parts[1]) >= (3, 3)
    }

    /// Whether weights can be written to it one by one.
    public var takesWrites: Bool { database != "off" && role != "data_plane" }
}

/// Why a call brought nothing.
public enum NodeError: Error, Hashable, Sendable {
    /// 404. Nothing changed.
    case missing(String)
    /// 409: it is there already. Nothing changed.
    case conflict(String)
    /// Another 4xx. Nothing changed.
    case refused(String)
    /// Not now: no answer, 5xx, or too many calls.
    case unavailable(String, isPerhapsApplied: Bool)

    public var message: String {
        switch self {
        case .missing(let text), .conflict(let text), .refused(let text),
            .unavailable(let text, _):
            text
        }
    }
}
