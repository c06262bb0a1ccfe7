/// What the balancer of one worker holds for an upstream: the witness that a weight is live there.
///
/// It is the answering worker's view. The first look after a write may meet a worker that lags by some
/// tens of milliseconds, so ask more than once, each time on a fresh connection.
public struct UpstreamHealth: Sendable, Hashable {
    public enum Health: Sendable, Hashable {
        case healthy
        case unhealthy
        /// No health check is on, or the weight is 0.
        case unchecked
        /// The name does not resolve, or this worker's balancer does not have the target (yet).
        case unresolved
        case other(String)
    }

    /// One address a target resolved to.
    public struct Address: Sendable, Hashable {
        /// A name for targets found by SRV records.
        public let ip: String
        public let port: Int
        /// The weight it really takes part with.
        public let weight: Int
        public let health: Health?
    }

    /// A target in the live balancer.
    public struct Live: Sendable, Hashable {
        public let host: String?
        public let port: Int?
        /// `A`, `AAAA`, `SRV`, `ttl=0, virtual SRV`, or what went wrong.
        public let dns: String?
        /// The weight the balancer works with; the row's may be newer.
        public let nodeWeight: Int
        public let addresses: [Address]
    }

    public struct TargetHealth: Sendable, Hashable {
        public let id: String
        public let target: String
        /// Of the row in the database.
        public let weight: Int
        /// Nil until the balancer is built, and on control planes, which never build one.
        public let health: Health?
        public let data: Live?
    }

    /// Newest first.
    public let targets: [TargetHealth]
    /// The node that answered.
    public let nodeID: String?
}

extension UpstreamHealth: Decodable {
    private enum CodingKeys: String, CodingKey {
        case data
        case nodeID = "node_id"
    }
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        targets = try container.decode(LuaList<TargetHealth>.self, forKey: .data).elements
        nodeID = try container.decodeIfPresent(String.self, forKey: .nodeID)
    }
}

extension UpstreamHealth.Health: Decodable {
    public init(from decoder: any Decoder) throws {
        switch try decoder.singleValueContainer().decode(String.self) {
        case "HEALTHY": self = .healthy
        case "UNHEALTHY": self = .unhealthy
        case "HEALTHCHECKS_OFF": self = .unchecked
        case "DNS_ERROR": self = .unresolved
        case let other: self = .other(other)
        }
    }
}

extension UpstreamHealth.Address: Decodable {}
extension UpstreamHealth.TargetHealth: Decodable {}

extension UpstreamHealth.Live: Decodable {
    private enum CodingKeys: String, CodingKey {
        case host, port, dns, nodeWeight, addresses
    }
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        host = try container.decodeIfPresent(String.self, forKey: .host)
        port = try container.decodeIfPresent(Int.self, forKey: .port)
        dns = try container.decodeIfPresent(String.self, forKey: .dns)
        nodeWeight = try container.decode(Int.self, forKey: .nodeWeight)
        let list = try container.decodeIfPresent(
            LuaList<UpstreamHealth.Address>.self, forKey: .addresses)
        addresses = list?.elements ?? []
    }
}
