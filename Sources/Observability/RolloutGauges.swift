public import Rollouts

/// What is known of all rollouts, as gauges in Prometheus' text format.
public enum RolloutGauges {
    /// Rollouts that get series of their own; the rest are only counted.
    public static let namedLimit = 1_000

    public static func text(_ states: [RolloutState]) -> String {
        var lines: [String] = []
        let live = states.filter { !$0.rollout.phase.isEnded }
        head(.rollouts, &lines)
        for phase in Phase.Name.allCases {
            let count = states.count { $0.rollout.phase.name == phase }
            line(.rollouts, [("phase", phase.rawValue)], "\(count)", &lines)
        }
        head(.asked, &lines)
        for state in live.prefix(namedLimit) {
            line(.asked, name(state), state.rollout.wantedShare.description, &lines)
        }
        head(.applied, &lines)
        for state in live.prefix(namedLimit) {
            guard let applied = state.view.applied else { continue }
            line(.applied, name(state), applied.description, &lines)
        }
        head(.conditions, &lines)
        for kind in Condition.Kind.allCases {
            let count = live.count { $0.view.condition(kind)?.status == .bad }
            line(.conditions, [("condition", kind.rawValue)], "\(count)", &lines)
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func name(_ state: RolloutState) -> [(String, String)] {
        [("rollout", state.rollout.name.description)]
    }

    private static func head(_ gauge: Gauge, _ lines: inout [String]) {
        lines.append("# HELP \(gauge.rawValue) \(gauge.help)")
        lines.append("# TYPE \(gauge.rawValue) gauge")
    }

    private static func line(
        _ gauge: Gauge, _ labels: [(String, String)], _ value: String, _ lines: inout [String]
    ) {
        lines.append("\(gauge.rawValue)\(PrometheusRegistry.labels(labels)) \(value)")
    }
}
