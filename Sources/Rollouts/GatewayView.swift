/// What was last read of a rollout in Kong. Never saved: it is read again after a restart.
public struct GatewayView: Hashable, Sendable {
    /// One of the upstream's targets.
    public struct Target: Hashable, Sendable {
        public let address: String
        /// The label of its version; nil: of neither.
        public let version: String?
        /// Kong's row, 0...65535.
        public let weight: Int
        /// What it resolves to, as its records name it: `10.0.0.1:80`, `[::1]:80`.
        public let addresses: [String]

        public init(
            address: String, version: String?, weight: Int, addresses: [String] = []
        ) {
            self.address = address
            self.version = version
            self.weight = weight
            self.addresses = addresses
        }
    }

    /// Whether the Admin API answered at the last attempt; nil: not tried yet.
    public var isReachable: Bool?
    /// What Kong's rows say; nil: not known.
    public var applied: TrafficShare?
    /// When `applied` was last read.
    public var appliedAt: Timestamp?
    /// When every node was last seen to serve the wanted share; nil: not since it was wanted.
    public var confirmedAt: Timestamp?
    public var targets: [Target]
    /// One of a kind at the most.
    public var conditions: [Condition]

    public init(
        isReachable: Bool? = nil, applied: TrafficShare? = nil, appliedAt: Timestamp? = nil,
        confirmedAt: Timestamp? = nil, targets: [Target] = [], conditions: [Condition] = []
    ) {
        self.isReachable = isReachable
        self.applied = applied
        self.appliedAt = appliedAt
        self.confirmedAt = confirmedAt
        self.targets = targets
        self.conditions = conditions
    }

    /// Sets a condition; `since` moves only when its status does.
    public mutating func set(
        _ kind: Condition.Kind, _ status: Condition.Status, _ reason: String, _ message: String,
        at now: Timestamp
    ) {
        let place = conditions.firstIndex { $0.kind == kind }
        let since = place.map { conditions[$0] }.flatMap { $0.status == status ? $0.since : nil }
        let condition = Condition(
            kind: kind, status: status, reason: reason, message: message, since: since ?? now)
        if let place { conditions[place] = condition } else { conditions.append(condition) }
    }

    public mutating func clear(_ kind: Condition.Kind) {
        conditions.removeAll { $0.kind == kind }
    }

    public func condition(_ kind: Condition.Kind) -> Condition? {
        conditions.first { $0.kind == kind }
    }
}
