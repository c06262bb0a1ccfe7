/// Which plugins act on which route of one node; the most specific of a name, and only that.
struct PluginTable: Sendable {
    /// What the plugins do to the requests of one route.
    final class Chain: Sendable {
        let log: HTTPLogSettings?
        let slimming: Slimming?
        /// The entities as they stand in a record.
        let route: [UInt8]?
        let service: [UInt8]?

        fileprivate init(log: Row?, functions: [Row], route: Row?, service: Row?) {
            self.log = log.flatMap(HTTPLogSettings.init)
            slimming = functions.lazy.compactMap(Slimming.init).first
            self.route = self.log == nil ? nil : route.map(LogRecord.entity)
            self.service = self.log == nil ? nil : service.map(LogRecord.entity)
        }
    }

    /// For requests that no route takes.
    let everywhere: Chain
    private let byRoute: [String: Chain]

    init(plugins: [Row] = [], routes: [Row] = [], services: [Row] = []) {
        let active = plugins.filter { plugin in
            plugin["enabled"]?.flag != false && plugin.reference("consumer") == nil
                && plugin["protocols"]?.strings.contains { $0.hasPrefix("http") } != false
        }
        func chain(_ route: Row?, _ service: Row?) -> Chain {
            func find(_ name: String) -> Row? {
                active.filter { $0.name == name }
                    .compactMap { plugin in
                        Self.rank(plugin, route: route?.id, service: service?.id)
                            .map { (rank: $0, plugin: plugin) }
                    }
                    .max { $0.rank < $1.rank }?.plugin
            }
            return Chain(
                log: find("http-log"), functions: ["pre-function", "post-function"].compactMap(find),
                route: route, service: service)
        }
        let servicesByID = Dictionary(uniqueKeysWithValues: services.map { ($0.id, $0) })
        everywhere = chain(nil, nil)
        byRoute = Dictionary(
            uniqueKeysWithValues: routes.map { route in
                (route.id, chain(route, route.reference("service").flatMap { servicesByID[$0] }))
            })
    }

    func chain(route id: String) -> Chain { byRoute[id] ?? everywhere }

    /// How specific a plugin is for requests of that route; `nil` if it is not for them.
    private static func rank(_ plugin: Row, route: String?, service: String?) -> Int? {
        let (ofRoute, ofService) = (plugin.reference("route"), plugin.reference("service"))
        if let ofRoute, ofRoute != route { return nil }
        if let ofService, ofService != service { return nil }
        return (ofRoute == nil ? 0 : 2) + (ofService == nil ? 0 : 1)
    }
}
