/// Which requests go to a service.
public struct Route: Sendable, Hashable {
    /// A UUID.
    public let id: String
    public let name: String?
    public let protocols: [String]?
    public let methods: [String]?
    public let hosts: [String]?
    public let paths: [String]?
    /// Header name to the values of which one must match.
    public let headers: [String: [String]]?
    public let snis: [String]?
    public let stripPath: Bool?
    public let preserveHost: Bool?
    public let regexPriority: Int?
    /// `v0` or `v1`.
    public let pathHandling: String?
    public let httpsRedirectStatusCode: Int?
    public let requestBuffering: Bool?
    public let responseBuffering: Bool?
    /// Only where the router speaks expressions.
    public let expression: String?
    public let priority: Int?
    /// Nil for a route that only runs plugins.
    public let service: EntityReference?
    public let tags: [String]?
    /// Seconds since 1970.
    public let createdAt: Int
    /// Seconds since 1970.
    public let updatedAt: Int
}

extension Route: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id, name, protocols, methods, hosts, paths, headers, snis, expression, priority
        case service, tags
        case stripPath = "strip_path"
        case preserveHost = "preserve_host"
        case regexPriority = "regex_priority"
        case pathHandling = "path_handling"
        case httpsRedirectStatusCode = "https_redirect_status_code"
        case requestBuffering = "request_buffering"
        case responseBuffering = "response_buffering"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }
}

/// Columns of a route.
///
/// ```swift
/// let draft = RouteDraft(name: "predict", paths: ["/predict"], service: .value(.name("models")))
/// ```
public struct RouteDraft: Draft {
    public var name: Field<String>
    public var protocols: [String]?
    public var methods: Field<[String]>
    public var hosts: Field<[String]>
    public var paths: Field<[String]>
    public var headers: Field<[String: [String]]>
    public var snis: Field<[String]>
    public var stripPath: Bool?
    public var preserveHost: Bool?
    public var regexPriority: Int?
    public var pathHandling: String?
    public var service: Field<EntityKey>
    public var tags: Field<[String]>

    public init(
        name: Field<String> = .unset, protocols: [String]? = nil,
        methods: Field<[String]> = .unset, hosts: Field<[String]> = .unset,
        paths: Field<[String]> = .unset, headers: Field<[String: [String]]> = .unset,
        snis: Field<[String]> = .unset, stripPath: Bool? = nil, preserveHost: Bool? = nil,
        regexPriority: Int? = nil, pathHandling: String? = nil,
        service: Field<EntityKey> = .unset, tags: Field<[String]> = .unset
    ) {
        self.name = name
        self.protocols = protocols
        self.methods = methods
        self.hosts = hosts
        self.paths = paths
        self.headers = headers
        self.snis = snis
        self.stripPath = stripPath
        self.preserveHost = preserveHost
        self.regexPriority = regexPriority
        self.pathHandling = pathHandling
        self.service = service
        self.tags = tags
    }

    public var json: AdminJSON {
        var columns = Columns()
        columns.set("name", name)
        columns.set("protocols", protocols)
        columns.set("methods", methods)
        columns.set("hosts", hosts)
        columns.set("paths", paths)
        columns.set("headers", headers)
        columns.set("snis", snis)
        columns.set("strip_path", stripPath)
        columns.set("preserve_host", preserveHost)
        columns.set("regex_priority", regexPriority)
        columns.set("path_handling", pathHandling)
        columns.set("service", service)
        columns.set("tags", tags)
        return columns.json
    }
}
