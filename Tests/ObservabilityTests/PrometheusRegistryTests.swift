import CoreMetrics
import Observability
import Rollouts
import Testing

@Suite struct PrometheusRegistryTests {
    @Test func `what is counted is shown with its help, sorted by labels`() {
        let registry = PrometheusRegistry()
        let label = Meter.events.rawValue
        Counter(label: label, dimensions: [("type", "stepped")], factory: registry).increment()
        Counter(label: label, dimensions: [("type", "created")], factory: registry)
            .increment(by: 2)
        Counter(label: label, dimensions: [("type", "stepped")], factory: registry).increment()
        #expect(
            registry.text() == """
                # HELP kong_rollouts_events_total Saved changes of rollouts, by type.
                # TYPE kong_rollouts_events_total counter
                kong_rollouts_events_total{type="created"} 2
                kong_rollouts_events_total{type="stepped"} 2

                """)
    }

    @Test func `times are summed in seconds and counted`() {
        let registry = PrometheusRegistry()
        let tally = RequestTally(metrics: registry)
        tally.answered(method: "POST", status: 201, in: .milliseconds(1500))
        tally.answered(method: "BREW", status: 405, in: .milliseconds(500))
        tally.answeredFromMemory()
        let lines = registry.text().split(separator: "\n")
        #expect(lines.contains("kong_rollouts_http_request_seconds_sum 2.0"))
        #expect(lines.contains("kong_rollouts_http_request_seconds_count 2"))
        #expect(lines.contains(#"kong_rollouts_http_requests_total{method="POST",status="2xx"} 1"#))
        #expect(lines.contains(#"kong_rollouts_http_requests_total{method="other",status="4xx"} 1"#))
        #expect(lines.contains(#"kong_rollouts_http_requests_total{method="GET",status="2xx"} 1"#))
    }

    @Test func `label values are escaped`() {
        #expect(PrometheusRegistry.labels([("a", "x\"y\\z\n")]) == #"{a="x\"y\\z\n"}"#)
        #expect(PrometheusRegistry.labels([]) == "")
    }

    @Test func `series beyond the limit are counted by nobody and cost no memory`() {
        let registry = PrometheusRegistry()
        for number in 0...PrometheusRegistry.seriesLimit {
            Counter(
                label: Meter.events.rawValue, dimensions: [("type", "\(number)")],
                factory: registry
            ).increment()
        }
        let lines = registry.text().split(separator: "\n")
        #expect(lines.count == PrometheusRegistry.seriesLimit + 2)
    }

    @Test func `every meter and gauge has a help of one sentence`() {
        let helps = Meter.allCases.map(\.help) + Gauge.allCases.map(\.help)
        for help in helps { #expect(help.hasSuffix(".") && !help.contains("\n")) }
    }

    @Test func `gauges show live rollouts by name and all by phase`() {
        let rollout = Rollout(
            plan: RolloutPlan(
                name: RolloutName("a")!, route: .init(name: "r"),
                canary: Version(label: "v7", targets: [TargetAddress("b:80")!]),
                steps: Steps([Step(share: .all)])!, drain: TimeSpan(seconds: 0)!,
                progressDeadline: nil),
            createdAt: Timestamp(milliseconds: 0))
        var view = GatewayView(applied: TrafficShare(basisPoints: 1250))
        view.set(.adoptable, .bad, "X", "x", at: Timestamp(milliseconds: 0))
        let state = RolloutState(rollout: rollout, view: view, viewNumber: 0)
        let lines = RolloutGauges.text([state]).split(separator: "\n")
        #expect(lines.contains(#"kong_rollouts_rollouts{phase="pending"} 1"#))
        #expect(lines.contains(#"kong_rollouts_rollouts{phase="aborted"} 0"#))
        #expect(lines.contains(#"kong_rollouts_asked_percent{rollout="a"} 0"#))
        #expect(lines.contains(#"kong_rollouts_applied_percent{rollout="a"} 12.5"#))
        #expect(lines.contains(#"kong_rollouts_bad_conditions{condition="adoptable"} 1"#))
    }
}
