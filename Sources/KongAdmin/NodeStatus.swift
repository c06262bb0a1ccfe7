/// The answer to `GET /status`: 200 even while the database is down.
public struct NodeStatus: Sendable, Hashable {
    /// Whether the node reaches its database; nil where it has none to reach.
    public let isDatabaseReachable: Bool?
    /// Of the declarative configuration, 32 hexadecimal digits, zeros while it is empty; nil with a database.
    public let configurationHash: String?
    /// Since the node started, Admin API and proxy together.
    public let totalRequests: Int?
    public let activeConnections: Int?
}

extension NodeStatus: Decodable {
    private enum CodingKeys: String, CodingKey {
        case database, server
        case configurationHash = "configuration_hash"
    }
    private struct Database: Decodable {
        let reachable: Bool?
    }
    private struct Server: Decodable {
        let total_requests: Int?
        let connections_active: Int?
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        isDatabaseReachable =
            try container.decodeIfPresent(Database.self, forKey: .database)?.reachable
        configurationHash = try container.decodeIfPresent(String.self, forKey: .configurationHash)
        let server = try container.decodeIfPresent(Server.self, forKey: .server)
        totalRequests = server?.total_requests
        activeConnections = server?.connections_active
    }
}
