/// Where requests go, once a route has let them in.
public struct Service: Sendable, Hashable {
    /// A UUID.
    public let id: String
    public let name: String?
    /// An upstream's name, or a host.
    public let host: String
    public let port: Int
    /// `http`, `https`, `grpc`, `tcp`, ….
    public let `protocol`: String
    public let path: String?
    /// Further tries after a failed one.
    public let retries: Int
    /// Milliseconds.
    public let connectTimeout: Int
    /// Milliseconds.
    public let readTimeout: Int
    /// Milliseconds.
    public let writeTimeout: Int
    /// Nil before 2.7.
    public let enabled: Bool?
    public let tags: [String]?
    /// Seconds since 1970.
    public let createdAt: Int
    /// Seconds since 1970.
    public let updatedAt: Int
}

extension Service: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id, name, host, port, `protocol`, path, retries, enabled, tags
        case connectTimeout = "connect_timeout"
        case readTimeout = "read_timeout"
        case writeTimeout = "write_timeout"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }
}

/// Columns of a service.
///
/// ```swift
/// let patch = ServiceDraft(host: "models", path: .null)
/// ```
public struct ServiceDraft: Draft {
    public var name: Field<String>
    public var host: String?
    public var port: Int?
    public var `protocol`: String?
    public var path: Field<String>
    public var retries: Int?
    /// Milliseconds.
    public var connectTimeout: Int?
    /// Milliseconds.
    public var readTimeout: Int?
    /// Milliseconds.
    public var writeTimeout: Int?
    public var enabled: Bool?
    public var tags: Field<[String]>

    public init(
        name: Field<String> = .unset, host: String? = nil, port: Int? = nil,
        `protocol`: String? = nil, path: Field<String> = .unset, retries: Int? = nil,
        connectTimeout: Int? = nil, readTimeout: Int? = nil, writeTimeout: Int? = nil,
        enabled: Bool? = nil, tags: Field<[String]> = .unset
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.protocol = `protocol`
        self.path = path
        self.retries = retries
        self.connectTimeout = connectTimeout
        self.readTimeout = readTimeout
        self.writeTimeout = writeTimeout
        self.enabled = enabled
        self.tags = tags
    }

    public var json: AdminJSON {
        var columns = Columns()
        columns.set("name", name)
        columns.set("host", host)
        columns.set("port", port)
        columns.set("protocol", `protocol`)
        columns.set("path", path)
        columns.set("retries", retries)
        columns.set("connect_timeout", connectTimeout)
        columns.set("read_timeout", readTimeout)
        columns.set("write_timeout", writeTimeout)
        columns.set("enabled", enabled)
        columns.set("tags", tags)
        return columns.json
    }
}
