internal import KongAdmin
internal import Rollouts

extension ServiceRow {
    init(_ service: Service) {
        self.init(
            id: service.id, name: service.name, host: service.host, port: service.port,
            scheme: service.protocol, path: service.path, retries: service.retries,
            isEnabled: service.enabled ?? true, tags: service.tags ?? [])
    }
}

extension RouteRow {
    init(_ route: Route) {
        self.init(
            id: route.id, name: route.name, serviceID: route.service?.id,
            protocols: route.protocols ?? [], methods: route.methods, hosts: route.hosts,
            paths: route.paths,
            isNarrowed: !(route.headers ?? [:]).isEmpty || !(route.snis ?? []).isEmpty
                || route.expression != nil,
            stripPath: route.stripPath ?? true, tags: route.tags ?? [])
    }
}

extension UpstreamRow {
    init(_ upstream: Upstream) {
        self.init(
            id: upstream.id, name: upstream.name, algorithm: upstream.algorithm,
            hashOn: upstream.hashOn, hostHeader: upstream.hostHeader, tags: upstream.tags ?? [])
    }
}

extension TargetRow {
    init(_ target: Target) {
        self.init(
            id: target.id, address: canonical(target.target), weight: target.weight,
            tags: target.tags ?? [])
    }
}

extension LiveTarget {
    init(_ target: UpstreamHealth.TargetHealth) {
        let health: Health =
            switch target.health {
            case .unhealthy: .unhealthy
            case .unresolved: .unresolved
            case .healthy, .unchecked, .other, nil: .serving
            }
        self.init(
            address: canonical(target.target), weight: target.data?.nodeWeight,
            addressCount: max(target.data?.addresses.count ?? 1, 1),
            addresses: target.data?.addresses.map(\.asLogged) ?? [], health: health)
    }
}

extension UpstreamHealth.Address {
    /// As log records name it.
    fileprivate var asLogged: String {
        ip.contains(":") && !ip.hasPrefix("[") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }
}

/// In the form in which rollouts name targets, where it has one.
private func canonical(_ address: String) -> String {
    TargetAddress(address)?.description ?? address
}
