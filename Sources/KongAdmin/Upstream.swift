/// A virtual host whose requests a balancer spreads over targets.
public struct Upstream: Sendable, Hashable {
    /// A UUID.
    public let id: String
    /// A host name; services name it as their `host`.
    public let name: String
    /// `round-robin`, `consistent-hashing`, `least-connections`, `latency`, ….
    public let algorithm: String
    /// `none`, `consumer`, `ip`, `header`, `cookie`, `path`, `query_arg` or `uri_capture`.
    public let hashOn: String
    public let hashOnHeader: String?
    public let hashOnCookie: String?
    public let hashOnCookiePath: String?
    /// Nil before 3.0, as for the next.
    public let hashOnQueryArgument: String?
    public let hashOnURICapture: String?
    public let hashFallback: String?
    public let hashFallbackHeader: String?
    public let hashFallbackQueryArgument: String?
    public let hashFallbackURICapture: String?
    public let slots: Int
    public let hostHeader: String?
    public let useSRVName: Bool?
    /// Active and passive checks as Kong has them.
    public let healthchecks: AdminJSON?
    public let tags: [String]?
    /// Seconds since 1970.
    public let createdAt: Int
    /// Seconds since 1970; nil before 3.0.
    public let updatedAt: Int?
}

extension Upstream: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id, name, algorithm, slots, healthchecks, tags
        case hashOn = "hash_on"
        case hashOnHeader = "hash_on_header"
        case hashOnCookie = "hash_on_cookie"
        case hashOnCookiePath = "hash_on_cookie_path"
        case hashOnQueryArgument = "hash_on_query_arg"
        case hashOnURICapture = "hash_on_uri_capture"
        case hashFallback = "hash_fallback"
        case hashFallbackHeader = "hash_fallback_header"
        case hashFallbackQueryArgument = "hash_fallback_query_arg"
        case hashFallbackURICapture = "hash_fallback_uri_capture"
        case hostHeader = "host_header"
        case useSRVName = "use_srv_name"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }
}

/// Columns of an upstream.
///
/// To stop hashing send `hashOn: "none"`: the algorithm alone would be undone when Kong reads it back.
///
/// ```swift
/// let draft = UpstreamDraft(name: "models", tags: ["team-a"])
/// ```
public struct UpstreamDraft: Draft {
    public var name: String?
    public var algorithm: String?
    public var hashOn: String?
    public var hashOnHeader: Field<String>
    public var hashOnCookie: Field<String>
    public var hashFallback: String?
    public var hashFallbackHeader: Field<String>
    /// 10...65536; Kong's default is 10000.
    public var slots: Int?
    public var hostHeader: Field<String>
    /// Merged into what is there on an update.
    public var healthchecks: AdminJSON?
    public var tags: Field<[String]>

    public init(
        name: String? = nil, algorithm: String? = nil, hashOn: String? = nil,
        hashOnHeader: Field<String> = .unset, hashOnCookie: Field<String> = .unset,
        hashFallback: String? = nil, hashFallbackHeader: Field<String> = .unset,
        slots: Int? = nil, hostHeader: Field<String> = .unset,
        healthchecks: AdminJSON? = nil, tags: Field<[String]> = .unset
    ) {
        self.name = name
        self.algorithm = algorithm
        self.hashOn = hashOn
        self.hashOnHeader = hashOnHeader
        self.hashOnCookie = hashOnCookie
        self.hashFallback = hashFallback
        self.hashFallbackHeader = hashFallbackHeader
        self.slots = slots
        self.hostHeader = hostHeader
        self.healthchecks = healthchecks
        self.tags = tags
    }

    public var json: AdminJSON {
        var columns = Columns()
        columns.set("name", name)
        columns.set("algorithm", algorithm)
        columns.set("hash_on", hashOn)
        columns.set("hash_on_header", hashOnHeader)
        columns.set("hash_on_cookie", hashOnCookie)
        columns.set("hash_fallback", hashFallback)
        columns.set("hash_fallback_header", hashFallbackHeader)
        columns.set("slots", slots)
        columns.set("host_header", hostHeader)
        columns.set("healthchecks", healthchecks)
        columns.set("tags", tags)
        return columns.json
    }
}
