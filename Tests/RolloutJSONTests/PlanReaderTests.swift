import JSONText
import RolloutJSON
import Rollouts
import Testing

@Suite struct PlanReaderTests {
    static let defaults = PlanDefaults(
        steps: Steps([5, 25, 50, 100].map { Step(share: .init(basisPoints: $0 * 100)!) })!,
        drain: TimeSpan("60s")!, progressDeadline: TimeSpan("10m"), gateways: ["default", "eu"],
        defaultGateway: "default", analysisAvailable: true, prometheusServers: nil)

    static let minimal: JSONValue = [
        "name": "fraud-v7", "route": ["paths": ["/predict"]],
        "canary": ["targets": ["canary.example.com:80"]],
    ]

    static func read(_ value: JSONValue) throws(Faults) -> RolloutPlan {
        try PlanReader.read(value, defaults: defaults)
    }

    static func faults(of value: JSONValue) -> [Fault] {
        do throws(Faults) {
            _ = try read(value)
            return []
        } catch { return error.all }
    }

    @Test func `what is left out comes from the configuration`() throws {
        let plan = try Self.read(Self.minimal)
        #expect(plan.gateway == "default" && plan.stableLabel == "stable")
        #expect(plan.canary.label == "canary" && plan.stableTargets == nil)
        #expect(plan.steps == Self.defaults.steps && plan.start == .auto && !plan.adopt)
        #expect(plan.drain.seconds == 60 && plan.progressDeadline?.seconds == 600)
        #expect(try Self.read(Self.minimal.merging(["drain": "0s"])).drain.seconds == 0)
        var object = Self.minimal.object!
        object["progress_deadline"] = .null
        #expect(try Self.read(.object(object)).progressDeadline == nil)
    }

    @Test func `the whole example is read as it is written`() throws {
        let plan = try Self.read(
            try JSONValue(
                parsing: #"""
                    {"name": "fraud-v7", "labels": {"team": "risk"}, "gateway": "eu",
                     "service": {"name": "ml-service", "protocol": "http", "path": "/v1", "retries": 5},
                     "upstream": {"name": "ml-upstream"},
                     "route": {"name": "ml-route", "paths": ["/predict"], "methods": ["GET"],
                       "protocols": ["http"], "hosts": null, "strip_path": true},
                     "stable": {"version": "v6", "targets": ["stable-version.example.com:80"]},
                     "canary": {"version": "v7", "targets": ["canary-version.example.com:80"]},
                     "steps": [{"percent": 20}, {"percent": 50, "hold": {"for": "10m"}}, 62.5,
                       {"percent": 100, "hold": {"for": "5m", "requests": 1000, "verdict": "healthy"}}],
                     "start": "manual", "adopt": true, "sticky": true, "drain": "1h30m",
                     "progress_deadline": "10m", "analysis": null}
                    """#))
        #expect(plan.service.retries == 5 && plan.upstream == "ml-upstream")
        #expect(plan.route.stripPath == true && plan.route.hosts == nil)
        #expect(plan.steps[0].hold == .untilApproved && plan.steps[2].share.basisPoints == 6250)
        #expect(plan.steps[3].hold == Hold(time: TimeSpan("5m"), requests: 1000, healthy: true))
        #expect(plan.start == .manual && plan.adopt && plan.sticky && plan.drain.seconds == 5400)
    }

    /// A change to the smallest good request, the place of the fault, words of its detail.
    static let wrong: [(JSONValue, String, String)] = [
        (["name": nil], "/name", "is required"), (["name": 7], "/name", "not 7"),
        (["name": "a/b"], "/name", "lower-case"), (["name": "Fraud"], "/name", "lower-case"),
        (["name": "-a"], "/name", "lower-case"), (["name": "é"], "/name", "lower-case"),
        (["name": .string(String(repeating: "a", count: 64))], "/name", "1 to 63"),
        (["labels": 1], "/labels", "an object"), (["labels": ["a": 1]], "/labels/a", "a string"),
        (["labels": ["a/b~": false]], "/labels/a~1b~0", "a string"),
        (["labels": ["": "x"]], "/labels/", "1 to 63"),
        (["labels": ["a": .string(String(repeating: "x", count: 64))]], "/labels/a", "63"),
        (["gateway": "us"], "/gateway", "default, eu"), (["gateway": 1], "/gateway", "a string"),
        (["service": []], "/service", "an object"),
        (["service": ["name": "a b"]], "/service/name", "letters"),
        (["service": ["name": "4f9f1b1c-6c2e-4f0c-9a5e-0f2b8f0e7a11"]], "/service/name", "UUID"),
        (["service": ["protocol": "grpc"]], "/service/protocol", "not supported"),
        (["service": ["protocol": "ftp"]], "/service/protocol", "http"),
        (["service": ["path": "v1"]], "/service/path", "begin"),
        (["service": ["path": "/a//b"]], "/service/path", "empty segments"),
        (["service": ["retries": 32_768]], "/service/retries", "0 to 32767"),
        (["service": ["retries": 1.5]], "/service/retries", "whole"),
        (["service": ["host": "x"]], "/service/host", "not known"),
        (["upstream": ["name": "10.0.0.1"]], "/upstream/name", "host name"),
        (["upstream": ["name": "a:80"]], "/upstream/name", "port"),
        (["upstream": ["names": "a"]], "/upstream/names", "did you mean \"name\""),
        (["route": nil], "/route", "is required"),
        (["route": ["paths": nil]], "/route", "paths or hosts"),
        (["route": ["paths": []]], "/route/paths", "1 to 100"),
        (["route": ["paths": "x"]], "/route/paths", "an array"),
        (["route": ["paths": ["/a", "b"]]], "/route/paths/1", "\"/\""),
        (["route": ["paths": ["/a", "/a"]]], "/route/paths/1", "twice"),
        (["route": ["paths": ["~"]]], "/route/paths/0", "regular"),
        (["route": ["paths": ["/%zz"]]], "/route/paths/0", "begin"),
        (["route": ["methods": ["get"]]], "/route/methods/0", "capital"),
        (["route": ["protocols": ["tcp"]]], "/route/protocols/0", "not supported"),
        (["route": ["hosts": ["a b"]]], "/route/hosts/0", "host name"),
        (["route": ["hosts": ["*.*"]]], "/route/hosts/0", "host name"),
        (["route": ["strip_path": "yes"]], "/route/strip_path", "true or false"),
        (["route": ["strip-path": true]], "/route/strip-path", "did you mean \"strip_path\""),
        (["canary": nil], "/canary/targets", "is required"),
        (["canary": ["targets": nil]], "/canary/targets", "is required"),
        (["canary": ["targets": []]], "/canary/targets", "1 to 100"),
        (["canary": ["targets": ["canary"]]], "/canary/targets/0", "host:port"),
        (["canary": ["targets": ["a:0"]]], "/canary/targets/0", "1 to 65535"),
        (["canary": ["targets": ["a:80", "A:80"]]], "/canary/targets/1", "twice"),
        (["canary": ["version": "stable"]], "/canary/version", "differ"),
        (["canary": ["version": ""]], "/canary/version", "1 to 63"),
        (["canary": ["weight": 120]], "/canary/weight", "not known"),
        (
            ["stable": ["targets": ["canary.example.com:80"]]], "/canary/targets/0",
            "one version"
        ),
        (["steps": 20], "/steps", "an array"), (["steps": []], "/steps", "1 to 50"),
        (["steps": [120]], "/steps/0", "0.01 to 100"), (["steps": [0]], "/steps/0", "0.01"),
        (["steps": [-5]], "/steps/0", "0.01"), (["steps": [20.001]], "/steps/0", "two decimals"),
        (["steps": ["20"]], "/steps/0", "a number of percent"),
        (["steps": [["percent": 120]]], "/steps/0/percent", "0.01 to 100"),
        (["steps": [["weight": 20]]], "/steps/0/percent", "is required"),
        (["steps": [50, 20]], "/steps/1", "rise strictly"),
        (["steps": [20, ["percent": 20]]], "/steps/1/percent", "which is 20"),
        (["steps": [["percent": 5, "hold": ["for": "-5m"]]]], "/steps/0/hold/for", "-5m"),
        (["steps": [["percent": 5, "hold": ["for": 5]]]], "/steps/0/hold/for", "duration"),
        (["steps": [["percent": 5, "hold": ["for": "721h"]]]], "/steps/0/hold/for", "720h"),
        (["steps": [["percent": 5, "hold": ["requests": 0]]]], "/steps/0/hold/requests", "1 to"),
        (
            ["steps": [["percent": 5, "hold": ["verdict": "good"]]]], "/steps/0/hold/verdict",
            "healthy"
        ),
        (["steps": [["percent": 5, "hold": ["aproval": true]]]], "/steps/0/hold/aproval", "approval"),
        (["start": "now"], "/start", "manual"), (["adopt": "true"], "/adopt", "true or false"),
        (["drain": "1d"], "/drain", "0s to 720h"), (["drain": 60], "/drain", "not 60"),
        (["progress_deadline": "0s"], "/progress_deadline", "1s to 720h"),
        (["analysis": []], "/analysis", "must be an object"),
        (["cannary": 1], "/cannary", "did you mean \"canary\""),
        (["revision": 3], "/revision", "not known"),
    ]

    @Test(arguments: 0..<wrong.count)
    func `a wrong value is named with its place and what is allowed`(row: Int) {
        let (change, place, words) = Self.wrong[row]
        let faults = Self.faults(of: Self.minimal.merging(change))
        let fault = faults.first { $0.pointer.description == place }
        #expect(fault?.detail.contains(words) == true, "\(change): \(faults)")
    }

    @Test(arguments: [nil, 1, "x", [], true] as [JSONValue])
    func `what is not an object is refused`(value: JSONValue) {
        #expect(Self.faults(of: value).map(\.pointer) == [.root])
    }

    @Test func `all faults come at once`() {
        let places = Self.faults(of: [
            "name": "A", "canary": ["targets": ["x"]], "steps": [50, 20, 200], "drain": "soon",
            "colour": "red",
        ]).map(\.pointer.description)
        #expect(
            Set(places) == [
                "/colour", "/name", "/route", "/canary/targets/0", "/steps/1", "/steps/2", "/drain",
            ])
    }

    @Test func `faults are bounded`() {
        let many = JSONObject((0..<5000).map { ("x\($0)", JSONValue.null) })
        #expect(Self.faults(of: .object(many)).count == Faults.limit)
    }

    @Test func `limits are inclusive`() throws {
        func list(_ count: Int) -> JSONValue { .array((1...count).map { "t\($0):80" }) }
        func labels(_ count: Int) -> JSONValue {
            .object(JSONObject((0..<count).map { ("k\($0)", "v") }))
        }
        let change: JSONValue = [
            "canary": ["targets": list(100)], "labels": labels(32),
            "steps": .array((1...50).map { .number(JSONNumber($0 * 2)) }),
        ]
        #expect(try Self.read(Self.minimal.merging(change)).canary.targets.count == 100)
        #expect(Self.faults(of: Self.minimal.merging(["canary": ["targets": list(101)]])).count == 1)
        #expect(Self.faults(of: Self.minimal.merging(["labels": labels(33)])).count == 1)
        let steps: JSONValue = .array((1...51).map { .number(JSONNumber($0)) })
        #expect(Self.faults(of: Self.minimal.merging(["steps": steps])).count == 1)
    }
}
