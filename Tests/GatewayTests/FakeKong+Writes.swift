import Rollouts

@testable import Gateway

extension KongWrite {
    var isOfPlugins: Bool {
        switch self {
        case .createPlugin, .updatePlugin, .deletePlugin: true
        case .createUpstream, .updateUpstream, .createTarget, .setWeight, .deleteTarget,
            .createService, .updateService, .createRoute, .updateRoute:
            false
        }
    }
}

extension FakeKong.State {
    /// As Kong does it, refusals and all. Returns the id.
    mutating func apply(_ write: KongWrite) throws(NodeError) -> String {
        switch write {
        case .createUpstream(let name, let hostHeader, let tags):
            guard !upstreams.contains(where: { $0.name == name }) else { throw .conflict(name) }
            if services.contains(where: { $0.host == name }) {
                violations.append("upstream \(name) captured a service")
            }
            let id = id("upstream")
            upstreams.append(UpstreamRow(id: id, name: name, hostHeader: hostHeader, tags: tags))
            targets[id] = []
            return id
        case .updateUpstream(let id, let patch):
            guard let index = upstreams.firstIndex(where: { $0.id == id }) else {
                throw .missing(id)
            }
            if let header = patch.hostHeader { upstreams[index].hostHeader = header }
            if let algorithm = patch.algorithm { upstreams[index].algorithm = algorithm }
            return id
        case .createTarget(let upstream, let address, let weight, let tags):
            let key = try self.key(upstream)
            guard targets[key]?.contains(where: { $0.address == address }) == false else {
                throw .conflict(address)
            }
            let id = id("target")
            targets[key]?.insert(
                TargetRow(id: id, address: address, weight: weight, tags: tags), at: 0)
            return id
        case .setWeight(let upstream, let target, let weight):
            let (key, index) = try place(upstream, target)
            let address = targets[key]?[index].address ?? ""
            if expectsTelemetry, !hasToldOnce, weight > 0, canaries.contains(address) {
                violations.append("the canary got traffic that nothing tells of")
            }
            targets[key]?[index].weight = weight
            return targets[key]?[index].id ?? ""
        case .deleteTarget(let upstream, let target):
            let (key, index) = try place(upstream, target)
            if targets[key]?[index].weight != 0 { violations.append("a target in use was deleted") }
            targets[key]?.remove(at: index)
            return ""
        case .createService, .updateService, .createRoute, .updateRoute:
            return try applyReach(write)
        case .createPlugin, .updatePlugin, .deletePlugin:
            return try applyPlugin(write)
        }
    }

    private mutating func applyPlugin(_ write: KongWrite) throws(NodeError) -> String {
        switch write {
        case .createPlugin(let name, let key, let columns, let tags):
            let route = routes.first { route in
                switch key {
                case .id(let id): route.id == id
                case .name(let name): route.name == name
                }
            }
            guard let route else { throw .refused("foreign key") }
            let isTaken = plugins.contains {
                $0.name == name && $0.routeID == route.id && $0.serviceID == nil
                    && $0.consumerID == nil
            }
            guard !isTaken else { throw .conflict(name) }
            try check(columns)
            let id = id("plugin")
            plugins.append(
                PluginRow(
                    id: id, name: name, routeID: route.id, tags: tags, columns: kept(columns)))
            let ours = plugins.filter { $0.tags.contains("kong-rollouts") }
            hasToldOnce = hasToldOnce || ours.count > 1
            return id
        case .updatePlugin(let id, let columns, _, let tags):
            guard let index = plugins.firstIndex(where: { $0.id == id }) else {
                throw .missing(id)
            }
            if !plugins[index].isOurs { violations.append("a foreign plugin was changed") }
            try check(columns)
            plugins[index].columns = kept(columns)
            plugins[index].tags = tags
            plugins[index].isEnabled = true
            return id
        case .deletePlugin(let id):
            let gone = plugins.filter { $0.id == id }
            if gone.contains(where: { !$0.tags.contains("kong-rollouts") }) {
                violations.append("a plugin without our tag was deleted")
            }
            plugins.removeAll { $0.id == id }
            return ""
        case .createUpstream, .updateUpstream, .createTarget, .setWeight, .deleteTarget,
            .createService, .updateService, .createRoute, .updateRoute:
            return ""
        }
    }

    private func kept(_ columns: PluginColumns) -> PluginColumns {
        guard normalises, case .log(var log) = columns else { return columns }
        log.timeout += 1
        return .log(log)
    }

    /// Kong knows the columns of its own version only.
    private func check(_ columns: PluginColumns) throws(NodeError) {
        if refusesPlugins { throw .refused("plugin not enabled; add it to the 'plugins' property") }
        guard case .log(let log) = columns else { return }
        switch log.queue {
        case .batches: if !facts.hasLogQueue { throw .refused("queue: unknown field") }
        case .flushes: break
        }
    }

    private mutating func applyReach(_ write: KongWrite) throws(NodeError) -> String {
        switch write {
        case .createService(let name, let columns, let tags):
            guard !services.contains(where: { $0.name == name }) else { throw .conflict(name) }
            checkServes(columns.host ?? "")
            let id = id("service")
            services.append(
                ServiceRow(
                    id: id, name: name, host: columns.host ?? "", path: columns.path, tags: tags))
            return id
        case .updateService(let id, let patch):
            guard let index = services.firstIndex(where: { $0.id == id }) else {
                throw .missing(id)
            }
            if let host = patch.host {
                checkServes(host)
                services[index].host = host
            }
            for node in nodes.indices {
                let live = nodes[node].live.values.flatMap { $0 }
                if live.contains(where: { canaries.contains($0.key) && $0.value > 0 }) {
                    violations.append("the service was changed while the canary had traffic")
                }
            }
            if let path = patch.path { services[index].path = path }
            if let retries = patch.retries { services[index].retries = retries }
            return id
        case .createRoute(let name, let service, let columns, let tags):
            guard !routes.contains(where: { $0.name == name }) else { throw .conflict(name) }
            let id = id("route")
            routes.append(
                RouteRow(
                    id: id, name: name, serviceID: try serviceID(service), paths: columns.paths,
                    tags: tags))
            return id
        case .updateRoute(let id, let service, let patch):
            guard let index = routes.firstIndex(where: { $0.id == id }) else { throw .missing(id) }
            if let service { routes[index].serviceID = try serviceID(service) }
            if let paths = patch.paths { routes[index].paths = paths }
            return id
        case .createUpstream, .updateUpstream, .createTarget, .setWeight, .deleteTarget,
            .createPlugin, .updatePlugin, .deletePlugin:
            return ""
        }
    }

    private mutating func checkServes(_ host: String) {
        guard let upstream = upstreams.first(where: { $0.name == host }) else { return }
        if targets[upstream.id]?.contains(where: { $0.weight > 0 }) != true {
            violations.append("a service names \(host), which has no target above 0")
        }
    }

    private func serviceID(_ key: KongWrite.ServiceKey) throws(NodeError) -> String {
        let found = services.first { service in
            switch key {
            case .id(let id): service.id == id
            case .name(let name): service.name == name
            }
        }
        guard let found else { throw .refused("foreign key") }
        return found.id
    }

    private func key(_ upstream: String) throws(NodeError) -> String {
        guard let row = upstreams.first(where: { $0.id == upstream || $0.name == upstream }) else {
            throw .missing(upstream)
        }
        return row.id
    }

    private func place(_ upstream: String, _ target: String) throws(NodeError) -> (String, Int) {
        let key = try key(upstream)
        guard
            let index = targets[key]?.firstIndex(where: {
                $0.id == target || $0.address == target
            })
        else { throw .missing(target) }
        return (key, index)
    }
}
