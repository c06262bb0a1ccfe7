import JSONText
import RolloutJSON
import Rollouts

/// A request is refused with every fault named, or it can be kept and shown and read again.
public struct RequestLaw: FuzzLaw {
    public static let name = "requests"
    public static let seeds: [[UInt8]] = [
        """
        {"name":"fraud-v7","labels":{"team":"risk"},"gateway":"default","service":{"name":"ml",\
        "protocol":"http","path":"/v1","retries":5},"upstream":{"name":"up"},"route":{"name":"r",\
        "paths":["/predict"],"methods":["GET"],"protocols":["http"],"hosts":null,"strip_path":true},\
        "stable":{"version":"v6","targets":["stable-version.example.com:80"]},\
        "canary":{"version":"v7","targets":["canary-version.example.com:80"]},\
        "steps":[{"percent":20},{"percent":50,"hold":{"for":"10m"}},{"percent":100,"hold":\
        {"for":"5m","requests":1000,"verdict":"healthy","approval":true}}],"start":"auto",\
        "adopt":false,"drain":"60s","progress_deadline":"10m","analysis":{"enabled":true,\
        "alpha":0.01,"after":"10s","no_data":"pause","min_requests":100,"checks":[\
        {"metric":"error_rate","max":0.05,"max_increase":0.01},\
        {"metric":"latency","quantile":0.99,"max_ms":250,"max_ratio":1.3}]}}
        """,
        #"{"name":"a","route":{"paths":["/p"]},"canary":{"targets":["c:1"]}}"#,
        #"{"to":2,"reason":"looks good"}"#, #"{"percent":12.5}"#,
        #"{"labels":{"team":null,"x":"y"},"adopt":true,"progress_deadline":null,"steps":[5,100]}"#,
        #"{"measurements":[{"metric":"auc","version":"canary","values":[0.9,0.91]}]}"#,
        #"{"analysis":{"score":{"header":"x-score"},"checks":[{"metric":"score_drift"}]}}"#,
        #"{"metric":"auc","version":"stable","value":0.5}"#,
    ].map { Array($0.utf8) }
    public static let tokens = [
        "\"name\":", "\"percent\":", "\"hold\":", "\"for\":", "\"10m\"", "\"720h1s\"", "\"-5m\"",
        "0.01", "100", "100.001", "1e2", "null", "true", "[]", "{}", "\"/\"", "\"host:80\"",
        "\"[::1]:80\"", "\"999.1.1.1:80\"", ":65536", "\"metric\":", "\"error_rate\"",
        "\"latency\"", "\"prometheus\"", "\"query\":", "\"measurement\"", "\"version\":",
        "\"healthy\"", "\"checks\":", "\"labels\":", "\"stable\":", "\"canary\":", "\"targets\":",
        "\"analysis\":", "\\u0000", "é",
    ]

    private let defaults: PlanDefaults
    private let present: JSONValue
    private let plan: RolloutPlan

    public init() throws {
        guard let steps = Steps([Step(share: .all)]), let drain = TimeSpan(seconds: 60) else {
            throw Violation("no defaults")
        }
        defaults = PlanDefaults(
            steps: steps, drain: drain, progressDeadline: nil, gateways: [],
            defaultGateway: "default", analysisAvailable: true, prometheusServers: nil)
        plan = try PlanReader.read(try JSONValue(parsing: Self.seeds[0]), defaults: defaults)
        let rollout = Rollout(plan: plan, createdAt: Timestamp(milliseconds: 0))
        present = try Self.shown(rollout)
    }

    public func check(_ input: [UInt8]) throws -> Reading {
        let value: JSONValue
        do { value = try JSONValue(parsing: input, limits: JSONLimits(maxBytes: 1 << 20)) } catch {
            return .refused
        }
        var isTaken = try checkPlan(value)
        for verb in Verb.allCases {
            isTaken = try tried { _ = try CommandReader.read(value, for: verb) } || isTaken
        }
        isTaken =
            try tried {
                _ = try AmendmentReader.read(value, current: present, defaults: defaults)
            } || isTaken
        isTaken = try tried { _ = try MeasurementsReader.read(value, of: plan) } || isTaken
        return isTaken ? .taken : .refused
    }

    private func checkPlan(_ value: JSONValue) throws -> Bool {
        var read: RolloutPlan?
        guard try tried({ read = try PlanReader.read(value, defaults: defaults) }), let read else {
            return false
        }
        let rollout = Rollout(plan: read, createdAt: Timestamp(milliseconds: 1_700_000_000_000))
        let kept = try StoredRollout.read(StoredRollout.bytes(of: rollout))
        try require(kept == rollout, "what was kept is read as another rollout")
        // What is shown can be asked for again.
        guard var shown = try Self.shown(rollout).object else { throw Violation("shown as what?") }
        for name in shown.names where !Self.members.contains(name) { shown[name] = nil }
        let again = try PlanReader.read(.object(shown), defaults: defaults)
        try require(again == read, "what is shown is read as another plan")
        return true
    }

    /// Whether it was taken; a refusal names something.
    private func tried(_ read: () throws -> Void) throws -> Bool {
        do { try read() } catch let faults as Faults {
            try require((1...Faults.limit).contains(faults.all.count), "a refusal without faults")
            try require(faults.all.allSatisfy { !$0.detail.isEmpty }, "a fault without words")
            try require(
                faults.all.allSatisfy { $0.detail.utf8.count < 2_000 }, "a fault without end")
            return false
        }
        return true
    }

    private static func shown(_ rollout: Rollout) throws -> JSONValue {
        let state = RolloutState(rollout: rollout, view: GatewayView(), viewNumber: 0)
        return try JSONValue(
            parsing: ResourceWriter.bytes(of: state, at: Timestamp(milliseconds: 0)))
    }

    private static let members: Set<String> = [
        "name", "labels", "gateway", "service", "upstream", "route", "stable", "canary", "steps",
        "start", "adopt", "sticky", "drain", "progress_deadline", "analysis",
    ]
}
