import JSONText
@testable import RolloutJSON
import Rollouts
import Testing

@Suite struct AnalysisReaderTests {
    static func defaults(
        _ analysis: AnalysisPolicy = .standard, available: Bool = true,
        prometheus: [String]? = []
    ) -> PlanDefaults {
        PlanDefaults(
            steps: PlanReaderTests.defaults.steps, drain: TimeSpan("60s")!, progressDeadline: nil,
            gateways: [], defaultGateway: "default", analysis: analysis,
            analysisAvailable: available, prometheusServers: prometheus)
    }

    static func read(
        _ analysis: JSONValue?, _ defaults: PlanDefaults = defaults()
    ) throws(Faults) -> AnalysisPolicy {
        var body = PlanReaderTests.minimal.object ?? [:]
        body["analysis"] = analysis
        return try PlanReader.read(.object(body), defaults: defaults).analysis
    }

    static func faults(
        of analysis: JSONValue, _ defaults: PlanDefaults = defaults()
    ) -> [Fault] {
        do throws(Faults) {
            _ = try read(analysis, defaults)
            return []
        } catch { return error.all }
    }

    @Test(arguments: [nil, [:], ["enabled": true], ["alpha": nil, "checks": nil]] as [JSONValue])
    func `what is left out is the default`(analysis: JSONValue) throws {
        #expect(try Self.read(analysis) == .standard)
        #expect(try PlanReader.read(PlanReaderTests.minimal, defaults: Self.defaults()).analysis == .standard)
    }

    @Test func `the default reads as it is written`() throws {
        let text = #"""
            {"enabled":true,"alpha":0.01,"after":"0s","on_unhealthy":"abort","no_data":"hold",
            "no_data_after":"5m","require":"no_alarm","min_requests":300,"score":null,
            "checks":[{"metric":"error_rate","max_increase":0.01},
            {"metric":"latency","quantile":0.95,"max_ratio":1.25}]}
            """#.replacing("\n", with: "")
        #expect(try Self.read(JSONValue(parsing: text)) == .standard)
        var writer = JSONWriter()
        AnalysisWriter.write(.standard, into: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    }

    @Test func `every kind of check is read`() throws {
        let policy = try Self.read(
            [
                "alpha": 0.5, "after": "30s", "on_unhealthy": "pause", "no_data": "abort",
                "no_data_after": "1m", "require": "no_harm", "score": ["header": "X-Model-Score"],
                "checks": [
                    ["metric": "error_rate", "max_increase": 0, "max": 0.2],
                    ["metric": "latency", "quantile": 0.99, "max_ms": 250],
                    ["metric": "latency", "quantile": 0.5, "max_ratio": 1],
                    ["metric": "score_drift"],
                    [
                        "metric": "measurement", "name": "cost", "range": [-1, 3],
                        "better": "lower", "max_harm": 0.5,
                    ],
                    [
                        "metric": "prometheus", "query": "up{version=\"{{canary}}\"}", "min": 1,
                        "interval": "10s", "failure_limit": 3,
                    ],
                ],
            ], Self.defaults(prometheus: ["main"]))
        #expect(policy.alpha == 0.5 && policy.after.seconds == 30 && policy.noData == .abort)
        #expect(policy.onUnhealthy == .pause && policy.requirement == .noHarm)
        #expect(policy.score == .header("x-model-score") && policy.minRequests == 300)
        #expect(
            policy.checks == [
                .errorRate(.init(maxIncrease: 0, max: 0.2)),
                .latency(.init(quantile: 0.99, maxRatio: nil, maxMilliseconds: 250)),
                .latency(.init(quantile: 0.5, maxRatio: 1, maxMilliseconds: nil)),
                .scoreDrift(.init(maxDistance: 0.1)),
                .measurement(.init(name: "cost", low: -1, high: 3, better: .lower, maxHarm: 0.5)),
                .prometheus(
                    .init(
                        server: nil, query: "up{version=\"{{canary}}\"}",
                        interval: TimeSpan("10s")!, max: nil, min: 1, failureLimit: 3)),
            ])
    }

    @Test(arguments: [
        (0.01, 300), (0.001, 3000), (0.05, 100), (1, 100), (0, 300), (1e-300, 1_000_000_000),
        (0.007, 429),
    ])
    func `the requests needed follow from the increase`(increase: Double, needed: Int) throws {
        let check: JSONValue = ["metric": "error_rate", "max_increase": .init(floatLiteral: increase)]
        #expect(try Self.read(["checks": [check]]).minRequests == needed)
        #expect(try Self.read(["checks": [check], "min_requests": 7]).minRequests == 7)
    }

    @Test func `a score brings its check unless checks are given`() throws {
        let drift = Check.scoreDrift(.init(maxDistance: 0.1))
        let scored = try Self.read(["score": ["json_field": "score"]])
        #expect(scored.score == .jsonField("score"))
        #expect(scored.checks == AnalysisPolicy.standard.checks + [drift])
        let chosen = try Self.read(
            ["score": ["json_field": "score"], "checks": [["metric": "error_rate"]]])
        #expect(chosen.checks == [.errorRate(.init(maxIncrease: 0.01, max: nil))])
    }

    @Test func `a configured default is what is left out`() throws {
        var own = AnalysisPolicy.standard
        own.alpha = 0.05
        own.minRequests = 50
        own.score = .header("x-score")
        own.checks.append(.scoreDrift(.init(maxDistance: 0.3)))
        let defaults = Self.defaults(own)
        #expect(try Self.read(nil, defaults) == own)
        let unscored = try Self.read(["score": nil], defaults)
        #expect(unscored.score == nil && unscored.checks == AnalysisPolicy.standard.checks)
        own.alpha = 0.1
        #expect(try Self.read(["alpha": 0.1], defaults) == own)
        own.isEnabled = false
        #expect(try Self.read(nil, Self.defaults(own)) == own)
    }

    @Test func `where Kong has nowhere to post, nothing is judged and nobody can ask for it`() throws {
        let defaults = Self.defaults(available: false)
        #expect(try Self.read(nil, defaults) == .off)
        #expect(try Self.read(["enabled": false], defaults) == .off)
        for asked in [["enabled": true], ["alpha": 0.1], [:]] as [JSONValue] {
            let fault = try #require(Self.faults(of: asked, defaults).first)
            #expect(fault.pointer.description == "/analysis")
            #expect(fault.detail.contains("--public-url"))
        }
    }

    static let bad: [(JSONValue, String, String)] = [
        ([], "", "object"), ("on", "", "object"), (["colour": 1], "/colour", "not known"),
        (["enabled": 1], "/enabled", "true or false"), (["alpha": 0], "/alpha", "above 0"),
        (["alpha": 0.51], "/alpha", "0.5"), (["alpha": "1"], "/alpha", "above 0"),
        (["after": "1d"], "/after", "duration"), (["after": 5], "/after", "duration"),
        (["no_data_after": "0s"], "/no_data_after", "from 1s"),
        (["on_unhealthy": "explode"], "/on_unhealthy", "\"report\""),
        (["no_data": 5], "/no_data", "\"hold\""), (["require": "luck"], "/require", "no_harm"),
        (["min_requests": 0], "/min_requests", "from 1"),
        (["min_requests": 1.5], "/min_requests", "whole"),
        (["score": "x"], "/score", "object"), (["score": [:]], "/score", "json_field"),
        (["score": ["header": "a", "json_field": "b"]], "/score", "must be"),
        (["score": ["header": "a b"]], "/score/header", "letters"),
        (["score": ["json_field": "a\"b"]], "/score/json_field", "letters"),
        (["score": ["json_field": 1]], "/score/json_field", "string"),
        (["score": ["header": "a", "cookie": "b"]], "/score/cookie", "not known"),
        (["checks": [:]], "/checks", "array"), (["checks": []], "/checks", "1 to 20"),
        (
            ["require": "no_harm", "checks": [["metric": "latency"]]], "/require", "max_increase"
        ),
        (
            ["require": "no_harm", "checks": [["metric": "error_rate", "max": 0.1]]], "/require",
            "max_increase"
        ),
    ]

    static let badChecks: [(JSONValue, String, String)] = [
        (1, "", "object"), ([:], "/metric", "required"),
        (["metric": "errors"], "/metric", "\"error_rate\""), (["metric": 1], "/metric", "one of"),
        (["metric": "share"], "/metric", "every rollout"),
        (["metric": "error_rate", "max_ms": 1], "/max_ms", "not known"),
        (["metric": "error_rate", "max_increase": 5], "/max_increase", "0.01 is 1 %"),
        (["metric": "error_rate", "max_increase": -0.1], "/max_increase", "0 to 1"),
        (["metric": "error_rate", "max": "10%"], "/max", "0 to 1"),
        (["metric": "latency", "quantile": 95], "/quantile", "below 1"),
        (["metric": "latency", "quantile": 0], "/quantile", "above 0"),
        (["metric": "latency", "max_ratio": 0.9], "/max_ratio", "from 1"),
        (["metric": "latency", "max_ms": 0], "/max_ms", "above 0"),
        (["metric": "latency", "max_ms": 1e9], "/max_ms", "3600000"),
        (["metric": "score_drift"], "", "score"),
        (["metric": "measurement", "better": "higher", "range": [0, 1]], "/name", "required"),
        (["metric": "measurement", "name": "a", "range": [0, 1]], "/better", "required"),
        (["metric": "measurement", "name": "a", "better": "lower"], "/range", "required"),
        (measurement(["name": ""]), "/name", "63"), (measurement(["name": "a\u{7}"]), "/name", "63"),
        (measurement(["better": "bigger"]), "/better", "\"higher\""),
        (measurement(["range": [1, 1]]), "/range", "smaller"),
        (measurement(["range": [0, 1, 2]]), "/range", "two numbers"),
        (measurement(["range": [0, "1"]]), "/range", "two numbers"),
        (measurement(["range": [0, 1e16]]), "/range", "1e15"),
        (measurement(["max_harm": 1]), "/max_harm", "width"),
        (measurement(["max_harm": -1]), "/max_harm", "from 0"),
        (["metric": "prometheus", "query": "up", "min": 1], "/metric", "no Prometheus"),
    ]

    static func measurement(_ patch: JSONValue) -> JSONValue {
        let good: JSONValue = [
            "metric": "measurement", "name": "accuracy", "range": [0, 1], "better": "higher",
        ]
        return good.merging(patch)
    }

    @Test(arguments: bad)
    func `what is wrong is named with its place`(
        analysis: JSONValue, place: String, hint: String
    ) throws {
        let faults = Self.faults(of: analysis)
        #expect(faults.count == 1, "\(faults)")
        let fault = try #require(faults.first)
        #expect(fault.pointer.description == "/analysis" + place)
        #expect(fault.detail.contains(hint), "\(fault.detail)")
    }

    @Test func `a fault does not repeat a long text`() throws {
        let long = JSONValue.string(String(repeating: "a b", count: 10_000))
        for member in ["header", "json_field"] {
            let fault = try #require(Self.faults(of: ["score": [member: long]]).first)
            #expect(fault.detail.utf8.count < 200)
        }
    }

    @Test(arguments: badChecks)
    func `what is wrong in a check is named with its place`(
        check: JSONValue, place: String, hint: String
    ) throws {
        let faults = Self.faults(of: ["checks": [["metric": "error_rate", "max": 1], check]])
            .filter { !$0.detail.contains("asks the same") }
        #expect(faults.count == 1, "\(faults)")
        let fault = try #require(faults.first)
        #expect(fault.pointer.description == "/analysis/checks/1" + place)
        #expect(fault.detail.contains(hint), "\(fault.detail)")
    }

    @Test(arguments: [
        (["query": "up"], "", "\"max\" or \"min\""), (["max": 1], "/query", "required"),
        (["query": "", "max": 1], "/query", "4000"),
        (["query": "a\u{7}", "max": 1], "/query", "4000"),
        (["query": "up{v=\"{{version}}\"}", "max": 1], "/query", "{{stable}}"),
        (["query": "up", "max": 1, "min": 2], "/min", "at most"),
        (["query": "up", "max": 1, "interval": "0s"], "/interval", "from 1s"),
        (["query": "up", "max": 1, "failure_limit": 101], "/failure_limit", "100"),
        (["query": "up", "max": 1, "server": "other"], "/server", "a, b"),
        (["query": "up", "max": true], "/max", "number"),
        (["query": "up", "max": 1, "url": "http://x"], "/url", "not known"),
    ] as [(JSONValue, String, String)])
    func `a question for Prometheus is checked`(
        check: JSONValue, place: String, hint: String
    ) throws {
        let whole = JSONValue.object(["metric": "prometheus", "server": "a"]).merging(check)
        let faults = Self.faults(of: ["checks": [whole]], Self.defaults(prometheus: ["a", "b"]))
        #expect(faults.count == 1, "\(faults)")
        let fault = try #require(faults.first)
        #expect(fault.pointer.description == "/analysis/checks/0" + place)
        #expect(fault.detail.contains(hint), "\(fault.detail)")
    }

    @Test(arguments: [
        [["metric": "error_rate"], ["metric": "error_rate", "max": 0.1]],
        [["metric": "latency"], ["metric": "latency", "quantile": 0.95, "max_ms": 3]],
        [measurement([:]), measurement(["better": "lower"])],
        [["metric": "prometheus", "query": "up", "max": 1], ["metric": "prometheus", "query": "up", "min": 1]],
    ] as [[JSONValue]])
    func `the same question is asked once`(checks: [JSONValue]) {
        let faults = Self.faults(
            of: ["checks": .array(checks)], Self.defaults(prometheus: ["main"]))
        #expect(faults.map(\.pointer.description) == ["/analysis/checks/1"])
    }

    @Test func `all faults are named at once`() {
        let faults = Self.faults(of: [
            "alpha": 2, "after": 1, "min_requests": -1, "speed": 9,
            "checks": [["metric": "latency", "quantile": 2, "max_ratio": 0], ["metric": "x"]],
        ])
        #expect(
            Set(faults.map(\.pointer.description)) == [
                "/analysis/alpha", "/analysis/after", "/analysis/min_requests", "/analysis/speed",
                "/analysis/checks/0/quantile", "/analysis/checks/0/max_ratio",
                "/analysis/checks/1/metric",
            ])
        let many = JSONValue.array(Array(repeating: ["metric": "latency"], count: 21))
        #expect(Self.faults(of: ["checks": many]).map(\.pointer.description) == ["/analysis/checks"])
    }
}
