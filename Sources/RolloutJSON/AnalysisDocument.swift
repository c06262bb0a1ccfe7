public import JSONText
public import Rollouts

/// A policy that stands alone: in the configuration, or in a file that traffic is replayed with.
public enum AnalysisDocument {
    /// - Parameter prometheusServers: the configured names; nil: any name is accepted.
    /// - Throws: every fault, with the place of each below `/analysis`.
    public static func read(
        _ value: JSONValue, prometheusServers: [String]? = nil
    ) throws(Faults) -> AnalysisPolicy {
        var inspection = Inspection()
        guard let steps = Steps([Step(share: .all)]) else { return .standard }
        let defaults = PlanDefaults(
            steps: steps, drain: .zero, progressDeadline: nil, gateways: [],
            defaultGateway: "default", analysis: .standard, analysisAvailable: true,
            prometheusServers: prometheusServers)
        let policy = AnalysisReader.read(value, defaults: defaults, &inspection)
        guard inspection.faults.isEmpty else { throw Faults(inspection.faults) }
        return policy
    }

    /// The whole document, as the interface shows it.
    public static func value(of policy: AnalysisPolicy) -> JSONValue {
        var writer = JSONWriter(capacity: 500)
        AnalysisWriter.write(policy, into: &writer)
        // What was just written is JSON; null would only say that it is not.
        do { return try JSONValue(parsing: writer.bytes) } catch { return .null }
    }
}
