import JSONText
import RolloutJSON
import Rollouts
import Testing

@Suite struct AmendingTests {
    static func rollout(_ phase: Phase) throws -> Rollout {
        try ResourceTests.rollout().moved(to: phase, at: ResourceTests.start)
    }

    static func amended(_ rollout: Rollout, _ patch: JSONValue) throws -> Rollout {
        let state = RolloutState(rollout: rollout, view: GatewayView(), viewNumber: 0)
        let current = try JSONValue(
            parsing: ResourceWriter.bytes(of: state, at: ResourceTests.start))
        return try rollout.amended(
            by: AmendmentReader.read(
                patch, current: current, defaults: PlanReaderTests.defaults))
    }

    @Test func `labels merge, and null takes one away`() throws {
        let rollout = try Self.rollout(.promoted)
        #expect(try Self.amended(rollout, ["labels": ["a": "b"]]).plan.labels == ["team": "risk", "a": "b"])
        #expect(try Self.amended(rollout, ["labels": ["team": nil]]).plan.labels == [:])
        #expect(try Self.amended(rollout, ["labels": nil]).plan.labels == [:])
    }

    @Test func `the steps to come change, those behind do not`() throws {
        let rollout = try Self.rollout(.shifting(.planned(1), held: 0))
        let hold: JSONValue = ["for": "10m"]
        let good: JSONValue = [20, ["percent": 50, "hold": ["for": "1m"]], 80, 90, 100]
        #expect(try Self.amended(rollout, ["steps": good]).plan.steps.count == 5)
        #expect(try Self.amended(rollout, ["steps": [20, 50]]).plan.steps.count == 2)
        for (steps, place) in [
            ([20], "/steps"), ([10, ["percent": 50, "hold": hold], 100], "/steps/0"),
            ([["percent": 20, "hold": [:]], 50], "/steps/0"), ([20, 60], "/steps/1/percent"),
        ] as [(JSONValue, String)] {
            let fault = #expect(throws: AmendmentFault.self) {
                try Self.amended(rollout, ["steps": steps])
            }
            #expect(fault?.pointer == place)
        }
    }

    @Test(arguments: [Phase.promoting, .promoted])
    func `a rollout that leaves takes labels alone`(phase: Phase) throws {
        let rollout = try Self.rollout(phase)
        for patch in [
            ["steps": [20]], ["adopt": true], ["progress_deadline": nil],
            ["analysis": ["alpha": 0.3]], ["analysis": ["enabled": false]],
        ] as [JSONValue] {
            #expect(throws: AmendmentFault.self) { try Self.amended(rollout, patch) }
        }
        #expect(try Self.amended(rollout, ["adopt": false, "progress_deadline": "10m"]) == rollout)
        #expect(try Self.amended(rollout, ["analysis": ["alpha": 0.01]]) == rollout)
    }

    @Test func `before the first step every step may change`() throws {
        let rollout = try Self.rollout(.pending(registered: false))
        #expect(try Self.amended(rollout, ["steps": [1]]).plan.steps.count == 1)
        #expect(try Self.amended(rollout, ["progress_deadline": nil]).plan.progressDeadline == nil)
    }

    @Test func `other members must be as they are`() throws {
        let rollout = try Self.rollout(.pending(registered: false))
        #expect(try Self.amended(rollout, ["name": "fraud-v7", "route": ["name": nil]]) == rollout)
        #expect(try Self.amended(rollout, ["service": ["retries": nil], "phase": "pending"]) == rollout)
        for patch in [
            ["name": "other"], ["route": ["paths": ["/x"]]], ["service": ["name": "x"]],
            ["service": nil], ["analysis": []], ["colour": 1], ["steps": nil], ["labels": 1],
            ["drain": nil], ["revision": 99], [],
        ] as [JSONValue] {
            #expect(throws: Faults.self, "\(patch)") { try Self.amended(rollout, patch) }
        }
    }
}
