/// What a node says of itself: the answer to `GET /`.
///
/// Kong walks all plugins to answer it: ask seldom.
public struct NodeInformation: Sendable, Hashable {
    /// Where the node keeps its entities.
    public enum DatabaseMode: Sendable, Hashable {
        case postgres
        /// Declarative configuration only: entity writes are refused with code 12.
        case off
        case other(String)
    }

    /// Such as `3.9.1`; four parts in the enterprise edition.
    public let version: String
    public let hostname: String?
    /// A UUID, new whenever the node starts with a new prefix.
    public let nodeID: String?
    public let databaseMode: DatabaseMode
    /// `traditional`, `control_plane` or `data_plane`.
    public let role: String?
    /// Worker processes, each with a balancer of its own.
    public let workerCount: Int?
    /// `traditional`, `traditional_compatible` or `expressions`; nil before 3.0.
    public let routerFlavor: String?
    /// `strict` or `eventual`.
    public let workerConsistency: String?
    /// Seconds between a node's looks at the database for changes made through other nodes.
    public let databaseUpdateFrequency: Double?
    /// Seconds a node waits more, for a database that replicates.
    public let databaseUpdatePropagation: Double?
    /// Seconds between a worker's rebuilds of routes and plugins when consistency is eventual.
    public let workerStateUpdateFrequency: Double?
    /// `community` or `enterprise`; nil before 3.6.
    public let edition: String?
    /// Names of the plugins the node can run.
    public let availablePlugins: Set<String>

    /// By the edition, or before 3.6 by the form of the version.
    public var isEnterprise: Bool {
        if let edition { return edition == "enterprise" }
        return version.contains("enterprise") || version.split(separator: ".").count == 4
    }
}

extension NodeInformation: Decodable {
    private enum CodingKeys: String, CodingKey {
        case version, hostname, edition, configuration, pids, plugins
        case nodeID = "node_id"
    }
    private struct Configuration: Decodable {
        let database: String?
        let role: String?
        let router_flavor: String?
        let worker_consistency: String?
        let db_update_frequency: Double?
        let db_update_propagation: Double?
        let worker_state_update_frequency: Double?
    }
    private struct Processes: Decodable {
        let workers: LuaList<Int>?
    }
    private struct Plugins: Decodable {
        let available_on_server: Names?
    }
    /// An object (or an empty Lua table) of which only the keys count.
    private struct Names: Decodable {
        let names: Set<String>

        init(from decoder: any Decoder) throws {
            do {
                let container = try decoder.container(keyedBy: AnyKey.self)
                names = Set(container.allKeys.map(\.stringValue))
            } catch {
                names = Set(try decoder.singleValueContainer().decode([String].self))
            }
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        version = try container.decode(String.self, forKey: .version)
        hostname = try container.decodeIfPresent(String.self, forKey: .hostname)
        nodeID = try container.decodeIfPresent(String.self, forKey: .nodeID)
        edition = try container.decodeIfPresent(String.self, forKey: .edition)
        let settings = try container.decodeIfPresent(Configuration.self, forKey: .configuration)
        switch settings?.database {
        case "postgres"?: databaseMode = .postgres
        case "off"?: databaseMode = .off
        case let other: databaseMode = .other(other ?? "")
        }
        role = settings?.role
        routerFlavor = settings?.router_flavor
        workerConsistency = settings?.worker_consistency
        databaseUpdateFrequency = settings?.db_update_frequency
        databaseUpdatePropagation = settings?.db_update_propagation
        workerStateUpdateFrequency = settings?.worker_state_update_frequency
        workerCount = try container.decodeIfPresent(Processes.self, forKey: .pids)?
            .workers?.elements.count
        availablePlugins =
            try container.decodeIfPresent(Plugins.self, forKey: .plugins)?
            .available_on_server?.names ?? []
    }
}
