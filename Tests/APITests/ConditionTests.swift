import HTTPMessage
import HTTPTypes
import JSONText
import Rollouts
import Testing

@Suite struct ConditionTests {
    @Test(arguments: [
        ("\"1\"", 304), ("W/\"1\"", 304), ("*", 304), ("\"7\", W/\"1\"", 304), ("\"2\"", 200),
        ("\"1.1\"", 200), ("\"\"", 200), ("1", 200), ("\"1", 200), ("", 200), ("*, \"1\"", 200),
    ])
    func `If-None-Match compares the whole tag`(sent: String, status: Int) async {
        let bench = Bench()
        await bench.create()
        let path = "/v1/rollouts/fraud-v7"
        for round in 0..<2 {
            let answer = await bench.call(.get, path, nil, [("If-None-Match", sent)])
            #expect(answer.status == status, "round \(round)")
            if status == 304 { #expect(answer["ETag"] == "\"1\"") }
            _ = await bench.call(.get, path)
        }
    }

    @Test func `a view that moved has another tag and the same revision`() async {
        let bench = Bench()
        await bench.create()
        bench.conductor.set { world in
            world.states[0] = RolloutState(
                rollout: world.states[0].rollout, view: GatewayView(isReachable: true),
                viewNumber: 3)
        }
        let moved = await bench.call(
            .get, "/v1/rollouts/fraud-v7", nil, [("If-None-Match", "\"1\"")])
        #expect(moved.status == 200 && moved["ETag"] == "\"1.3\"")
        let pause = await bench.call(
            .post, "/v1/rollouts/fraud-v7/pause", nil, [("If-Match", "\"1.2\"")])
        #expect(pause.status == 200)
    }

    @Test(arguments: [
        ("\"1\"", 200), ("\"1.9\"", 200), ("W/\"1\"", 200), ("*", 200), ("\"5\", \"1\"", 200),
        ("\"2\"", 412), ("\"x\"", 412), ("\"1.1.1\"", 412), ("1", 412), ("\"1\" \"2\"", 412), ("", 412),
    ])
    func `If-Match compares the revision alone`(sent: String, status: Int) async {
        let bench = Bench()
        await bench.create()
        let answer = await bench.call(
            .post, "/v1/rollouts/fraud-v7/pause", nil, [("If-Match", sent)])
        #expect(answer.status == status)
        if status == 412 { #expect(answer.isProblem("stale-revision", 412)) }
    }

    @Test(arguments: [
        ("wait=5", 5), ("wait=0", 0), ("respond-async, wait=10", 10), ("WAIT=7; x=1", 7),
        ("wait=99999999999999999999", 60), ("wait=-1", nil), ("wait=soon", nil), ("wait", nil),
    ] as [(String, Int?)])
    func `Prefer says how long to wait, and a bad one is ignored`(
        sent: String, seconds: Int?
    ) async {
        let bench = Bench()
        await bench.create()
        bench.conductor.set { $0.waits = [] }
        let answer = await bench.call(
            .post, "/v1/rollouts/fraud-v7/abort", nil, [("Prefer", sent)])
        #expect(answer.status == 202)
        #expect(answer["Preference-Applied"] == seconds.map { "wait=\($0)" })
        let waits: [Duration] = seconds == 0 ? [] : [.seconds(seconds ?? 2)]
        #expect(bench.conductor.look { $0.waits } == waits)
    }

    @Test func `what a hold waits for changes with the clock`() async {
        let bench = Bench()
        bench.conductor.set { $0.confirmsAtOnce = true }
        let body = Bench.minimal.dropLast()
            + #","steps":[{"percent":20,"hold":{"for":"10s","approval":true}}]}"#
        let created = await bench.call(.post, "/v1/rollouts", String(body))
        #expect(created.json["step"]?["waiting_for"] == ["gateway", "approval", "time"])
        bench.clock.advance(seconds: 11)
        let later = await bench.call(.get, "/v1/rollouts/fraud-v7")
        #expect(later.json["step"]?["waiting_for"] == ["gateway", "approval"])
    }
}
