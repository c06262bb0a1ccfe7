import HTTPMessage
import HTTPTypes
import Rollouts

/// Everything that can be called, told by its path.
enum Endpoint: Hashable, Sendable {
    case rollouts
    case rollout(RolloutName)
    case verb(Verb, RolloutName)
    case plan(RolloutName)
    case events(RolloutName?)
    case analysis(RolloutName)
    case measurements(RolloutName)
    /// Kong's log records; answered by ``RolloutService/telemetry(for:)``.
    case telemetry
    case gateways
    case health
    case readiness
    case metrics
    case contract
    case index

    /// Finds the endpoint of a raw path. Each segment is decoded after the path was split.
    init(path: String) throws(Problem) {
        guard path.hasPrefix("/") else { throw .notFound("There is nothing at \(path).") }
        // By bytes: to look for characters of several scalars costs more than all the rest.
        let parts = path.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var segments: [String] = []
        segments.reserveCapacity(parts.count)
        for part in parts {
            do { segments.append(try PercentDecoding.decode(Substring(part))) } catch {
                throw .malformed("The path holds a percent escape that means nothing.")
            }
        }
        switch (segments.first ?? "", segments.count) {
        case ("", 1): self = .index
        case ("healthz", 1): self = .health
        case ("readyz", 1): self = .readiness
        case ("metrics", 1): self = .metrics
        case ("openapi.json", 1): self = .contract
        case ("v1", 2...): self = try Self.versioned(segments)
        default: throw Self.nothing(at: path)
        }
    }

    private static func versioned(_ segments: [String]) throws(Problem) -> Endpoint {
        switch (segments[1], segments.count) {
        case ("events", 2): return .events(nil)
        case ("gateways", 2): return .gateways
        case ("telemetry", 5) where segments[2] == "kong": return .telemetry
        case ("rollouts", 2): return .rollouts
        case ("rollouts", 3): return .rollout(try name(segments[2]))
        case ("rollouts", 4):
            if segments[3] == "plan" { return .plan(try name(segments[2])) }
            if segments[3] == "events" { return .events(try name(segments[2])) }
            if segments[3] == "analysis" { return .analysis(try name(segments[2])) }
            if segments[3] == "measurements" { return .measurements(try name(segments[2])) }
            if let verb = Verb(rawValue: segments[3]) { return .verb(verb, try name(segments[2])) }
            throw nothing(at: "/" + segments.joined(separator: "/"))
        default: throw nothing(at: "/" + segments.joined(separator: "/"))
        }
    }

    private static func name(_ text: String) throws(Problem) -> RolloutName {
        guard let name = RolloutName(text) else {
            throw .notFound(
                "There is no rollout of that name: names are 1 to 63 lower-case letters, digits "
                    + "and inner hyphens.")
        }
        return name
    }

    private static func nothing(at path: String) -> Problem {
        .notFound("There is nothing at \(path.prefix(200)). /openapi.json lists what there is.")
    }

    /// The methods answered, besides HEAD with GET and OPTIONS everywhere.
    var methods: [HTTPRequest.Method] {
        switch self {
        case .rollouts: [.get, .post]
        case .rollout: [.get, .patch, .delete]
        case .verb, .measurements, .telemetry: [.post]
        case .plan, .events, .analysis, .gateways, .health, .readiness, .metrics, .contract,
            .index:
            [.get]
        }
    }

    /// The value of `Allow`.
    var allow: String {
        var all: [String] = []
        for method in methods {
            all.append(method.rawValue)
            if method == .get { all.append("HEAD") }
        }
        return (all + ["OPTIONS"]).joined(separator: ", ")
    }

    /// Whether no token is needed.
    var isOpen: Bool {
        switch self {
        // Telemetry has a secret of its own.
        case .health, .readiness, .contract, .index, .telemetry: true
        case .rollouts, .rollout, .verb, .plan, .events, .analysis, .measurements, .gateways,
            .metrics:
            false
        }
    }
}
