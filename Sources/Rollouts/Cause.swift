/// Why a rollout was stopped, or is going back.
public struct Cause: Hashable, Sendable {
    /// A difference between what is there and what was asked.
    public struct Difference: Hashable, Sendable {
        /// Kong's path of the entity: `services/ml-service`, `upstreams/u/targets/h:80`.
        public let entity: String
        public let field: String
        /// What was read, in words or as Kong's value; nil when there is nothing.
        public let present: String?
        public let wanted: String?

        public init(entity: String, field: String, present: String?, wanted: String?) {
            self.entity = entity
            self.field = field
            self.present = present
            self.wanted = wanted
        }
    }

    /// The closed list of reasons.
    public enum Reason: String, CaseIterable, Sendable {
        case requested
        case needsAdoption = "needs_adoption"
        case neverAdoptable = "never_adoptable"
        case heldElsewhere = "upstream_held"
        case refusedByKong = "refused_by_kong"
        case weightsNotExact = "weights_not_exact"
        case loweredInKong = "lowered_in_kong"
        case entityGone = "entity_gone"
        case contested
        case deadlineExceeded = "deadline_exceeded"
        case gatewayUnknown = "gateway_unknown"
        case unhealthy
        case noData = "no_data"
    }

    /// The name of the person or program that asked, or `kong`, `deadline` or `judge`.
    public let by: String
    public let reason: Reason
    public let message: String
    public let at: Timestamp
    public let evidence: [Difference]
    /// What the traffic showed, where the judge is the cause.
    public var alarm: Alarm? { judged?.wrappedValue }
    /// By reference: every phase and every event has room for a cause, and few have an alarm.
    private let judged: Boxed<Alarm>?

    public init(
        by: String, reason: Reason, message: String, at: Timestamp, evidence: [Difference] = [],
        alarm: Alarm? = nil
    ) {
        self.by = by
        self.reason = reason
        self.message = message
        self.at = at
        self.evidence = evidence
        judged = alarm.map { Boxed(wrappedValue: $0) }
    }
}
