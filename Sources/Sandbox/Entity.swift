/// The kinds of entity that the sandbox keeps.
enum Entity: String, CaseIterable, Sendable {
    case services, routes, upstreams, targets, plugins

    /// The field that names an entity in a path instead of its id.
    var endpointField: String {
        switch self {
        case .services, .routes, .upstreams: "name"
        case .targets: "target"
        case .plugins: "instance_name"
        }
    }

    /// Foreign keys: field → the entity's name; the sandbox knows no consumers or certificates.
    var references: [(field: String, entity: String)] {
        switch self {
        case .services: [("client_certificate", "certificates")]
        case .routes: [("service", "services")]
        case .upstreams: [("client_certificate", "certificates")]
        case .targets: [("upstream", "upstreams")]
        case .plugins:
            [("route", "routes"), ("service", "services"), ("consumer", "consumers")]
        }
    }

    /// Columns that Kong's database keeps from being null although its schema does not.
    var columnsNeverNull: [String] {
        switch self {
        case .targets: ["weight"]
        case .plugins: ["enabled"]
        case .services, .routes, .upstreams: []
        }
    }

    /// Targets carry milliseconds, everything else whole seconds.
    var countsMilliseconds: Bool { self == .targets }

    /// `service` for `services`, as in error reports.
    var singular: String { String(rawValue.dropLast()) }

    func schema(for row: Row) -> Schema {
        switch self {
        case .services: EntitySchemas.service
        case .routes: EntitySchemas.route
        case .upstreams: EntitySchemas.upstream
        case .targets: EntitySchemas.target
        case .plugins: PluginSchemas.schema(named: row.name)
        }
    }
}
