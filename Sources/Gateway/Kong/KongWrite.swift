/// A write to Kong. Absolute: repeating it changes nothing more.
public enum KongWrite: Hashable, Sendable {
    case createUpstream(name: String, hostHeader: String?, tags: [String])
    case updateUpstream(id: String, UpstreamPatch)
    case createTarget(upstream: String, address: String, weight: Int, tags: [String])
    case setWeight(upstream: String, target: String, weight: Int)
    case deleteTarget(upstream: String, target: String)
    case createService(name: String, ServicePatch, tags: [String])
    case updateService(id: String, ServicePatch)
    case createRoute(name: String, service: ServiceKey, RoutePatch, tags: [String])
    case updateRoute(id: String, service: ServiceKey?, RoutePatch)
    case createPlugin(name: String, route: RouteKey, PluginColumns, tags: [String])
    /// - Parameter present: what is to be replaced, so that nothing of it stays.
    case updatePlugin(id: String, PluginColumns, present: PluginColumns, tags: [String])
    case deletePlugin(id: String)

    /// How one entity names another: by id once that is known.
    public enum Key: Hashable, Sendable {
        case id(String)
        case name(String)
    }

    /// How a route names its service.
    public typealias ServiceKey = Key
    /// How a plugin names its route.
    public typealias RouteKey = Key

    /// Columns to set; nil: left as they are.
    public struct UpstreamPatch: Hashable, Sendable {
        public var hostHeader: String?
        public var algorithm: String?

        public init(hostHeader: String? = nil, algorithm: String? = nil) {
            self.hostHeader = hostHeader
            self.algorithm = algorithm
        }

        var isEmpty: Bool { self == UpstreamPatch() }
    }

    /// Columns to set; nil: left as they are.
    public struct ServicePatch: Hashable, Sendable {
        public var host: String?
        public var scheme: String?
        public var path: String?
        public var retries: Int?

        public init(
            host: String? = nil, scheme: String? = nil, path: String? = nil, retries: Int? = nil
        ) {
            self.host = host
            self.scheme = scheme
            self.path = path
            self.retries = retries
        }

        var isEmpty: Bool { self == ServicePatch() }
    }

    /// Columns to set; nil: left as they are.
    public struct RoutePatch: Hashable, Sendable {
        public var paths: [String]?
        public var methods: [String]?
        public var protocols: [String]?
        public var hosts: [String]?
        public var stripPath: Bool?

        public init(
            paths: [String]? = nil, methods: [String]? = nil, protocols: [String]? = nil,
            hosts: [String]? = nil, stripPath: Bool? = nil
        ) {
            self.paths = paths
            self.methods = methods
            self.protocols = protocols
            self.hosts = hosts
            self.stripPath = stripPath
        }

        var isEmpty: Bool { self == RoutePatch() }
    }
}
