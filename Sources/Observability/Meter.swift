/// Every number this program counts, with its meaning: the one catalogue.
public enum Meter: String, CaseIterable, Sendable {
    case requests = "kong_rollouts_http_requests_total"
    case requestSeconds = "kong_rollouts_http_request_seconds"
    case events = "kong_rollouts_events_total"
    case unsaved = "kong_rollouts_ledger_failures_total"
    case kongRemarks = "kong_rollouts_kong_remarks_total"

    /// One sentence for the people who read the numbers.
    public var help: String {
        switch self {
        case .requests: "Requests answered, by method and class of status."
        case .requestSeconds: "Time from a request's arrival to its answer, in seconds; answers from memory apart."
        case .events: "Saved changes of rollouts, by type."
        case .unsaved: "Changes that could not be saved."
        case .kongRemarks: "Remarks about gateways in the log, such as a node that does not answer."
        }
    }
}

/// Numbers that are read from what is known rather than counted.
public enum Gauge: String, CaseIterable, Sendable {
    case rollouts = "kong_rollouts_rollouts"
    case asked = "kong_rollouts_asked_percent"
    case applied = "kong_rollouts_applied_percent"
    case conditions = "kong_rollouts_bad_conditions"

    public var help: String {
        switch self {
        case .rollouts: "Rollouts in the ledger, by phase."
        case .asked: "The canary's share that is wanted, of rollouts that have not ended."
        case .applied: "The canary's share by Kong's rows, of rollouts that have not ended."
        case .conditions: "Rollouts that have not ended with that condition bad, by condition."
        }
    }
}
