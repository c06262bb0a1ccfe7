import Gateway

/// Kong's database, with what it refuses.
struct KongRows {
    var services: [ServiceRow] = []
    var routes: [RouteRow] = []
    var upstreams: [UpstreamRow] = []
    /// By the upstream's id, newest first.
    var targets: [String: [TargetRow]] = [:]
    private var lastID = 0

    mutating func makeID(_ kind: String) -> String {
        lastID += 1
        return "\(kind)-\(lastID)"
    }

    func upstream(_ key: String) -> UpstreamRow? {
        upstreams.first { $0.id == key || $0.name == key }
    }

    func weights(_ upstream: String) -> [String: Int] {
        Dictionary((targets[upstream] ?? []).map { ($0.address, $0.weight) }) { first, _ in first }
    }

    /// Whether requests come to this upstream.
    func isReached(_ upstream: UpstreamRow) -> Bool {
        services.contains { service in
            service.host == upstream.name && routes.contains { $0.serviceID == service.id }
        }
    }

    /// The id of the upstream whose targets a write is about; nil: about something else.
    func upstreamTouched(by write: KongWrite) -> String? {
        switch write {
        case .createTarget(let upstream, _, _, _), .setWeight(let upstream, _, _),
            .deleteTarget(let upstream, _):
            self.upstream(upstream)?.id
        case .createUpstream, .updateUpstream, .createService, .updateService, .createRoute,
            .updateRoute, .createPlugin, .updatePlugin, .deletePlugin:
            nil
        }
    }

    func target(_ write: KongWrite) -> TargetRow? {
        switch write {
        case .setWeight(let upstream, let target, _), .deleteTarget(let upstream, let target):
            (self.upstream(upstream).flatMap { targets[$0.id] } ?? [])
                .first { $0.id == target || $0.address == target }
        case .createTarget, .createUpstream, .updateUpstream, .createService, .updateService,
            .createRoute, .updateRoute, .createPlugin, .updatePlugin, .deletePlugin:
            nil
        }
    }

    /// - Returns: the entity's id.
    mutating func apply(_ write: KongWrite) throws(NodeError) -> String {
        switch write {
        case .createUpstream(let name, let header, let tags):
            guard upstream(name) == nil else { throw .conflict(name) }
            let id = makeID("upstream")
            upstreams.append(UpstreamRow(id: id, name: name, hostHeader: header, tags: tags))
            targets[id] = []
            return id
        case .updateUpstream(let id, let patch):
            guard let place = upstreams.firstIndex(where: { $0.id == id }) else {
                throw .missing(id)
            }
            if let header = patch.hostHeader { upstreams[place].hostHeader = header }
            if let algorithm = patch.algorithm { upstreams[place].algorithm = algorithm }
            return id
        case .createTarget(let upstream, let address, let weight, let tags):
            guard (0...65_535).contains(weight) else { throw .refused("weight: out of range") }
            guard let key = self.upstream(upstream)?.id else { throw .missing(upstream) }
            guard targets[key]?.contains(where: { $0.address == address }) == false else {
                throw .conflict(address)
            }
            let row = TargetRow(id: makeID("target"), address: address, weight: weight, tags: tags)
            targets[key]?.insert(row, at: 0)
            return row.id
        case .setWeight(let upstream, let target, let weight):
            guard (0...65_535).contains(weight) else { throw .refused("weight: out of range") }
            let (key, place) = try find(upstream, target)
            targets[key]?[place].weight = weight
            return targets[key]?[place].id ?? ""
        case .deleteTarget(let upstream, let target):
            let (key, place) = try find(upstream, target)
            targets[key]?.remove(at: place)
            return ""
        case .createService, .updateService, .createRoute, .updateRoute:
            return try applyReach(write)
        case .createPlugin, .updatePlugin, .deletePlugin:
            throw .refused("no plugin in this world")
        }
    }

    private mutating func applyReach(_ write: KongWrite) throws(NodeError) -> String {
        switch write {
        case .createService(let name, let columns, let tags):
            guard !services.contains(where: { $0.name == name }) else { throw .conflict(name) }
            let id = makeID("service")
            services.append(
                ServiceRow(
                    id: id, name: name, host: columns.host ?? "", path: columns.path, tags: tags))
            return id
        case .updateService(let id, let patch):
            guard let place = services.firstIndex(where: { $0.id == id }) else {
                throw .missing(id)
            }
            if let host = patch.host { services[place].host = host }
            if let path = patch.path { services[place].path = path }
            if let retries = patch.retries { services[place].retries = retries }
            return id
        case .createRoute(let name, let service, let columns, let tags):
            guard !routes.contains(where: { $0.name == name }) else { throw .conflict(name) }
            let owner = try id(of: service)
            let id = makeID("route")
            routes.append(
                RouteRow(id: id, name: name, serviceID: owner, paths: columns.paths, tags: tags))
            return id
        case .updateRoute(let id, let service, let patch):
            guard let place = routes.firstIndex(where: { $0.id == id }) else { throw .missing(id) }
            if let service { routes[place].serviceID = try self.id(of: service) }
            if let paths = patch.paths { routes[place].paths = paths }
            return id
        case .createUpstream, .updateUpstream, .createTarget, .setWeight, .deleteTarget,
            .createPlugin, .updatePlugin, .deletePlugin:
            return ""
        }
    }

    private func id(of key: KongWrite.ServiceKey) throws(NodeError) -> String {
        let found = services.first { service in
            switch key {
            case .id(let id): service.id == id
            case .name(let name): service.name == name
            }
        }
        guard let found else { throw .refused("schema violation: the service is not there") }
        return found.id
    }

    private func find(_ upstream: String, _ target: String) throws(NodeError) -> (String, Int) {
        guard let key = self.upstream(upstream)?.id,
            let place = targets[key]?.firstIndex(where: {
                $0.id == target || $0.address == target
            })
        else { throw .missing(target) }
        return (key, place)
    }
}
