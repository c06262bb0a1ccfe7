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
    case records = "kong_rollouts_telemetry_records_total"
    case attempts = "kong_rollouts_attempts_total"
    case failures = "kong_rollouts_failures_total"
    case hiddenFailures = "kong_rollouts_hidden_failures_total"
    case observed = "kong_rollouts_observed_percent"
    case verdict = "kong_rollouts_verdict"
    case evidence = "kong_rollouts_evidence"
    case evidenceNeeded = "kong_rollouts_evidence_needed"

    public var help: String {
        switch self {
        case .rollouts: "Rollouts in the ledger, by phase."
        case .asked: "The canary's share that is wanted, of rollouts that have not ended."
        case .applied: "The canary's share by Kong's rows, of rollouts that have not ended."
        case .conditions: "Rollouts that have not ended with that condition bad, by condition."
        case .records: "Kong's log records, by what became of them."
        case .attempts: "Attempts on a version's targets, of rollouts that are judged."
        case .failures: "Attempts that failed."
        case .hiddenFailures: "Failed attempts whose client got an answer from another target."
        case .observed: "The canary's share of first tries in the last minute."
        case .verdict: "1 for the present verdict."
        case .evidence: "Evidence E against the canary; from kong_rollouts_evidence_needed on it is unhealthy."
        case .evidenceNeeded: "What the evidence of a check has to reach."
        }
    }
}
