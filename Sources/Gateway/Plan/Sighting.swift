/// What was read of a rollout's entities in Kong's database.
struct Sighting: Hashable, Sendable {
    var service: ServiceRow?
    var upstream: UpstreamRow?
    var targets: [TargetRow] = []
    var route: RouteRow?
    /// How many addresses each target resolves to, where a live balancer told.
    var addressCounts: [String: Int] = [:]
    /// `ip:port` by target, where a live balancer told.
    var addresses: [String: [String]] = [:]
    /// The route's; nil: not read.
    var plugins: [PluginRow]?

    /// The same after a write that Kong has answered, or would answer, with success.
    func after(_ write: KongWrite, id: String) -> Sighting {
        var next = self
        switch write {
        case .createUpstream(let name, let hostHeader, let tags):
            next.upstream = UpstreamRow(id: id, name: name, hostHeader: hostHeader, tags: tags)
        case .updateUpstream(_, let patch):
            if let header = patch.hostHeader { next.upstream?.hostHeader = header }
            if let algorithm = patch.algorithm { next.upstream?.algorithm = algorithm }
        case .createTarget(_, let address, let weight, let tags):
            next.targets.append(TargetRow(id: id, address: address, weight: weight, tags: tags))
        case .setWeight(_, let key, let weight):
            for index in next.targets.indices
            where next.targets[index].id == key || next.targets[index].address == key {
                next.targets[index].weight = weight
            }
        case .deleteTarget(_, let key):
            next.targets.removeAll { $0.id == key || $0.address == key }
        case .createService(let name, let columns, let tags):
            next.service = ServiceRow(
                id: id, name: name, host: columns.host ?? "", scheme: columns.scheme ?? "http",
                path: columns.path, retries: columns.retries ?? 5, tags: tags)
        case .updateService(_, let patch):
            if let host = patch.host { next.service?.host = host }
            if let scheme = patch.scheme { next.service?.scheme = scheme }
            if let path = patch.path { next.service?.path = path }
            if let retries = patch.retries { next.service?.retries = retries }
        case .createRoute(let name, _, let columns, let tags):
            next.route = RouteRow(
                id: id, name: name, serviceID: next.service?.id,
                protocols: columns.protocols ?? ["http", "https"], methods: columns.methods,
                hosts: columns.hosts, paths: columns.paths, stripPath: columns.stripPath ?? true,
                tags: tags)
        case .updateRoute(_, let service, let patch):
            if service != nil { next.route?.serviceID = next.service?.id }
            if let paths = patch.paths { next.route?.paths = paths }
            if let methods = patch.methods { next.route?.methods = methods }
            if let protocols = patch.protocols { next.route?.protocols = protocols }
            if let hosts = patch.hosts { next.route?.hosts = hosts }
            if let strip = patch.stripPath { next.route?.stripPath = strip }
        case .createPlugin(let name, _, let columns, let tags):
            next.plugins?.append(
                PluginRow(
                    id: id, name: name, routeID: next.route?.id, tags: tags, columns: columns))
        case .updatePlugin(let key, let columns, _, let tags):
            for index in (next.plugins ?? []).indices where next.plugins?[index].id == key {
                next.plugins?[index].columns = columns
                next.plugins?[index].tags = tags
                next.plugins?[index].isEnabled = true
            }
        case .deletePlugin(let key):
            next.plugins?.removeAll { $0.id == key }
        }
        return next
    }
}
