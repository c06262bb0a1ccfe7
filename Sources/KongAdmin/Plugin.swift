/// Something Kong runs for requests: everywhere, or for one route, service or consumer.
public struct Plugin: Sendable, Hashable {
    /// A UUID.
    public let id: String
    /// Which plugin, such as `http-log`.
    public let name: String
    /// Nil before 3.2.
    public let instanceName: String?
    /// May hold secrets: do not log it.
    public let config: AdminJSON
    public let enabled: Bool
    public let protocols: [String]?
    public let route: EntityReference?
    public let service: EntityReference?
    public let consumer: EntityReference?
    /// Nil before 3.4.
    public let consumerGroup: EntityReference?
    public let tags: [String]?
    /// Seconds since 1970.
    public let createdAt: Int
    /// Seconds since 1970; nil before 3.0.
    public let updatedAt: Int?
}

extension Plugin: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id, name, config, enabled, protocols, route, service, consumer, tags
        case instanceName = "instance_name"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case consumerGroup = "consumer_group"
    }
}

/// Columns of a plugin.
///
/// ```swift
/// let draft = PluginDraft(
///     name: "http-log", config: ["http_endpoint": "http://127.0.0.1:9/"],
///     route: .value(.name("predict")))
/// ```
public struct PluginDraft: Draft {
    public var name: String?
    public var instanceName: Field<String>
    /// Merged into what is there on an update; arrays and maps in it are replaced whole.
    public var config: AdminJSON?
    public var enabled: Bool?
    public var protocols: [String]?
    public var route: Field<EntityKey>
    public var service: Field<EntityKey>
    public var consumer: Field<EntityKey>
    public var tags: Field<[String]>

    public init(
        name: String? = nil, instanceName: Field<String> = .unset, config: AdminJSON? = nil,
        enabled: Bool? = nil, protocols: [String]? = nil, route: Field<EntityKey> = .unset,
        service: Field<EntityKey> = .unset, consumer: Field<EntityKey> = .unset,
        tags: Field<[String]> = .unset
    ) {
        self.name = name
        self.instanceName = instanceName
        self.config = config
        self.enabled = enabled
        self.protocols = protocols
        self.route = route
        self.service = service
        self.consumer = consumer
        self.tags = tags
    }

    public var json: AdminJSON {
        var columns = Columns()
        columns.set("name", name)
        columns.set("instance_name", instanceName)
        columns.set("config", config)
        columns.set("enabled", enabled)
        columns.set("protocols", protocols)
        columns.set("route", route)
        columns.set("service", service)
        columns.set("consumer", consumer)
        columns.set("tags", tags)
        return columns.json
    }
}
