/// What a rollout stands on in Kong: the entities it uses and what was there before it.
///
/// Saved before the first write, so that an abort, a restart or another rollout knows what to put
/// back and what may be deleted.
public struct Footing: Hashable, Sendable {
    /// One of Kong's entities, followed by its id once that is known.
    public struct Entity: Hashable, Sendable {
        public let name: String
        /// Nil until it was made and read back.
        public let id: String?
        /// Whether we made it, or are about to: only such entities are ever deleted.
        public let isOurs: Bool

        public init(name: String, id: String?, isOurs: Bool) {
            self.name = name
            self.id = id
            self.isOurs = isOurs
        }
    }

    /// A target as it stood before the first write.
    public struct BaselineTarget: Hashable, Sendable {
        public let address: TargetAddress
        public let id: String
        /// Kong's weight, 0...65535.
        public let weight: Int
        public let tags: [String]

        public init(address: TargetAddress, id: String, weight: Int, tags: [String]) {
            self.address = address
            self.id = id
            self.weight = weight
            self.tags = tags
        }
    }

    /// How traffic reaches the upstream when the rollout begins.
    public enum Reach: Hashable, Sendable {
        /// The service already names the upstream, or there is no service yet.
        case throughUpstream
        /// The service names a host directly; it is switched once the upstream serves everywhere.
        case direct(host: String, port: Int)
    }

    public let service: Entity
    public let upstream: Entity
    public let route: Entity
    /// What counts as stable: as asked, or as found.
    public let stableTargets: [TargetAddress]
    public let baseline: [BaselineTarget]
    public let reach: Reach
    /// The service's `host` before the first write; nil when the service is ours.
    public let serviceHost: String?
    /// The route as clients call it: `http://proxy/predict`, without a configured proxy `/predict`.
    public let url: String?
    /// How the traffic is told of; nil: never looked for, so no plugin of ours is in Kong.
    public let telemetry: Telemetry?

    public init(
        service: Entity, upstream: Entity, route: Entity, stableTargets: [TargetAddress],
        baseline: [BaselineTarget], reach: Reach, serviceHost: String?, url: String?,
        telemetry: Telemetry? = nil
    ) {
        self.service = service
        self.upstream = upstream
        self.route = route
        self.stableTargets = stableTargets
        self.baseline = baseline
        self.reach = reach
        self.serviceHost = serviceHost
        self.url = url
        self.telemetry = telemetry
    }

    /// The same footing with the ids that Kong gave.
    public func identified(service: String, upstream: String, route: String) -> Footing {
        Footing(
            service: Entity(name: self.service.name, id: service, isOurs: self.service.isOurs),
            upstream: Entity(name: self.upstream.name, id: upstream, isOurs: self.upstream.isOurs),
            route: Entity(name: self.route.name, id: route, isOurs: self.route.isOurs),
            stableTargets: stableTargets, baseline: baseline, reach: reach,
            serviceHost: serviceHost, url: url, telemetry: telemetry)
    }
}
