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
        var byScope: [Scope: [String: Row]] = [:]
        for plugin in plugins where Self.isActive(plugin) {
            let scope = Scope(route: plugin.reference("route"), service: plugin.reference("service"))
            byScope[scope, default: [:]][plugin.name ?? ""] = plugin
        }
        func chain(_ route: Row?, _ service: Row?) -> Chain {
            let scopes = Scope.all(route: route?.id, service: service?.id)
            func find(_ name: String) -> Row? {
                scopes.lazy.compactMap { byScope[$0]?[name] }.first
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

    private static func isActive(_ plugin: Row) -> Bool {
        plugin["enabled"]?.flag != false && plugin.reference("consumer") == nil
            && plugin["protocols"]?.strings.contains { $0.hasPrefix("http") } != false
    }

    /// Whose requests a plugin is for.
    private struct Scope: Hashable {
        let route: String?
        let service: String?

        /// Those that hold for requests of a route to a service, the most specific first.
        static func all(route: String?, service: String?) -> [Scope] {
            var scopes: [Scope] = []
            if route != nil, service != nil { scopes.append(Scope(route: route, service: service)) }
            if route != nil { scopes.append(Scope(route: route, service: nil)) }
            if service != nil { scopes.append(Scope(route: nil, service: service)) }
            return scopes + [Scope(route: nil, service: nil)]
        }
    }
}
