/// A configured Prometheus, or anything that answers its HTTP API.
///
/// Addresses come from configuration alone: a rollout names a server, never an address, so that
/// nobody can make this service call where it should not.
public struct PrometheusServer: Sendable {
    /// What checks call it.
    public let name: String
    /// The base, without a final slash: `http://prometheus:9090`.
    public let url: String
    /// Sent as `Authorization: Bearer …`.
    public let bearer: String?

    public init(name: String, url: String, bearer: String?) {
        self.name = name
        self.url = url
        self.bearer = bearer
    }
}

/// Why a query gave no number.
public enum PrometheusError: Error, Hashable, Sendable {
    /// No answer within the time, or none that is HTTP.
    case unreachable(String)
    /// Prometheus said no: its own words.
    case refused(status: Int, String)
    /// The answer is not what its API documents.
    case unreadable(String)
    /// More than one series: the query must aggregate.
    case manySeries(Int)
}

extension PrometheusError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreachable(let reason): "Prometheus cannot be reached: \(reason)"
        case .refused(let status, let text): "Prometheus answered \(status): \(text)"
        case .unreadable(let reason): "the answer of Prometheus cannot be read: \(reason)"
        case .manySeries(let count):
            "the query gives \(count) series; aggregate it to one, such as with sum(…)"
        }
    }
}
