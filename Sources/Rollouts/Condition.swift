/// One thing that is good, bad or unknown about a rollout.
public struct Condition: Hashable, Sendable {
    /// The closed list.
    public enum Kind: String, CaseIterable, Sendable {
        case gatewayInSync = "gateway_in_sync"
        case gatewayAccepts = "gateway_accepts"
        case nodesConfirmed = "nodes_confirmed"
        case targetsResolved = "targets_resolved"
        case weightsExact = "weights_exact"
        case adoptable
        case progressing
        case telemetryArriving = "telemetry_arriving"
        case hashValuePresent = "hash_value_present"
        case uncontested
        case drained
    }

    /// `true` is good. Unknown is never good.
    public enum Status: String, CaseIterable, Sendable {
        case good = "true"
        case bad = "false"
        case unknown
    }

    public let kind: Kind
    public let status: Status
    /// One word for programs, such as `Applied`.
    public let reason: String
    /// A sentence for people: what, where, what to do.
    public let message: String
    /// Since when the status is this.
    public let since: Timestamp

    public init(
        kind: Kind, status: Status, reason: String, message: String, since: Timestamp
    ) {
        self.kind = kind
        self.status = status
        self.reason = reason
        self.message = message
        self.since = since
    }
}
