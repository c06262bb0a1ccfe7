import JSONText
import RolloutJSON
import Rollouts
import Testing

@Suite struct AnalysisPatchTests {
    /// What a patch makes of a rollout with that policy; nil: it changes nothing.
    static func patched(
        _ policy: AnalysisPolicy, _ patch: JSONValue,
        _ defaults: PlanDefaults = AnalysisReaderTests.defaults()
    ) throws -> AnalysisPolicy? {
        var rollout = try ResourceTests.rollout()
        rollout.plan.analysis = policy
        let state = RolloutState(rollout: rollout, view: GatewayView(), viewNumber: 0)
        let current = try JSONValue(
            parsing: ResourceWriter.bytes(of: state, at: ResourceTests.start))
        return try AmendmentReader.read(
            ["analysis": patch], current: current, defaults: defaults
        ).analysis
    }

    static let own: AnalysisPolicy = {
        var own = AnalysisPolicy.standard
        own.alpha = 0.1
        own.onUnhealthy = .report
        own.minRequests = 20
        own.checks = [.errorRate(.init(maxIncrease: 0.2, max: nil))]
        return own
    }()

    @Test func `null restores the default, of all or of one member`() throws {
        #expect(try Self.patched(Self.own, nil) == .standard)
        var expected = Self.own
        expected.alpha = 0.01
        #expect(try Self.patched(Self.own, ["alpha": nil]) == expected)
        expected = Self.own
        expected.checks = AnalysisPolicy.standard.checks
        #expect(try Self.patched(Self.own, ["checks": nil]) == expected)
        expected.minRequests = 300
        #expect(try Self.patched(Self.own, ["checks": nil, "min_requests": nil]) == expected)
    }

    @Test func `members that are not named stay`() throws {
        var expected = Self.own
        expected.noData = .abort
        #expect(try Self.patched(Self.own, ["no_data": "abort"]) == expected)
        expected = Self.own
        expected.isEnabled = false
        #expect(try Self.patched(Self.own, ["enabled": false]) == expected)
        #expect(try Self.patched(expected, ["enabled": true]) == Self.own)
    }

    @Test func `a score brings its check and takes it away`() throws {
        let scored = try #require(
            try Self.patched(Self.own, ["score": ["header": "X-Score"]]))
        #expect(scored.score == .header("x-score"))
        #expect(scored.checks == Self.own.checks + [.scoreDrift(.init(maxDistance: 0.1))])
        let moved = try #require(try Self.patched(scored, ["score": ["json_field": "s"]]))
        #expect(moved.score == .jsonField("s") && moved.checks == scored.checks)
        #expect(try Self.patched(scored, ["score": nil]) == Self.own)
        let chosen = try Self.patched(
            Self.own, ["score": ["header": "x"], "checks": [["metric": "latency"]]])
        #expect(chosen?.checks == [.latency(.init(quantile: 0.95, maxRatio: 1.25, maxMilliseconds: nil))])
    }

    @Test func `what stays as it is may be sent whatever was configured since`() throws {
        let nowhere = AnalysisReaderTests.defaults(available: false)
        #expect(try Self.patched(Self.own, ["alpha": 0.1, "score": nil], nowhere) == nil)
        #expect(try Self.patched(.standard, ["enabled": true], nowhere) == nil)
        #expect(throws: Faults.self) { try Self.patched(.off, ["enabled": true], nowhere) }
        #expect(throws: Faults.self) { try Self.patched(Self.own, ["alpha": 0.2], nowhere) }
        #expect(try Self.patched(Self.own, nil, nowhere) == .off)
        #expect(try Self.patched(.off, ["alpha": 0.5], nowhere)?.isEnabled == false)
    }

    @Test(arguments: [
        ([], "/analysis"), (1, "/analysis"), (["alpha": 7], "/analysis/alpha"),
        (["checks": []], "/analysis/checks"), (["colour": 1], "/analysis/colour"),
        (["checks": [["metric": "score_drift"]]], "/analysis/checks/0"),
        (["score": ["header": 1]], "/analysis/score/header"),
    ] as [(JSONValue, String)])
    func `what is wrong in a patch is named`(patch: JSONValue, place: String) throws {
        let faults = #expect(throws: Faults.self) { try Self.patched(Self.own, patch) }
        #expect(faults?.all.map(\.pointer.description) == [place])
    }

    @Test func `what was stored before there was an analysis is not judged`() throws {
        let rollout = try ResourceTests.rollout()
        let stored = try JSONValue(parsing: StoredRollout.bytes(of: rollout))
        for before in [["plan": ["analysis": nil]], ["plan": ["analysis": nil], "telemetry_secret": nil]]
            as [JSONValue]
        {
            let read = try StoredRollout.read(stored.merging(before).encoded())
            #expect(read.plan.analysis == .off && read.telemetrySecret == nil)
        }
        var object = try #require(stored.object)
        var plan = try #require(object["plan"]?.object)
        plan["analysis"] = .null
        object["plan"] = .object(plan)
        #expect(try StoredRollout.read(JSONValue.object(object).encoded()).plan.analysis == .off)
    }
}
