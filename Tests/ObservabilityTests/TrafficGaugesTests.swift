import Observability
import Testing

@Suite struct TrafficGaugesTests {
    static func figures(_ name: String) -> TrafficFigures {
        TrafficFigures(
            rollout: name, verdict: "inconclusive",
            versions: [
                .init(role: "stable", attempts: 400, failures: 2, hiddenFailures: 0),
                .init(role: "canary", attempts: 100, failures: 7, hiddenFailures: 5),
            ],
            evidence: [.init(check: "error_rate", value: 12.5, needed: 300)], observed: 0.2)
    }

    @Test func `every figure of a rollout has a series with its names`() {
        let text = TrafficGauges.text([Self.figures("fraud-v7")], counts: [("counted", 500)])
        for line in [
            #"kong_rollouts_telemetry_records_total{outcome="counted"} 500"#,
            #"kong_rollouts_attempts_total{rollout="fraud-v7",version="canary"} 100"#,
            #"kong_rollouts_failures_total{rollout="fraud-v7",version="stable"} 2"#,
            #"kong_rollouts_hidden_failures_total{rollout="fraud-v7",version="canary"} 5"#,
            #"kong_rollouts_observed_percent{rollout="fraud-v7"} 20.0"#,
            #"kong_rollouts_verdict{rollout="fraud-v7",verdict="inconclusive"} 1"#,
            #"kong_rollouts_evidence{rollout="fraud-v7",check="error_rate"} 12.5"#,
            #"kong_rollouts_evidence_needed{rollout="fraud-v7",check="error_rate"} 300.0"#,
        ] {
            #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)")
        }
    }

    @Test func `the number of series is bounded`() {
        let many = (0..<1_000).map { Self.figures("r\($0)") }
        let text = TrafficGauges.text(many, counts: [])
        let verdicts = text.split(separator: "\n").count {
            $0.hasPrefix("kong_rollouts_verdict{")
        }
        #expect(verdicts == TrafficGauges.namedLimit)
    }
}
