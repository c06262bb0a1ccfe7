import HTTPMessage
import HTTPTypes
import JSONText
import Rollouts
import Testing

@Suite struct RepetitionTests {
    static let key = ("Idempotency-Key", "deploy-118")

    @Test func `a repeated request gets the first answer and does nothing`() async {
        let bench = Bench()
        let first = await bench.call(.post, "/v1/rollouts", Bench.minimal, [Self.key])
        let second = await bench.call(.post, "/v1/rollouts", Bench.minimal, [Self.key])
        #expect(first.status == 201 && second.status == 201)
        #expect(first.json == second.json)
        #expect(second["Idempotency-Replayed"] == "true")
        #expect(first["Idempotency-Replayed"] == nil)
        #expect(second["Location"] == first["Location"] && second["ETag"] == "\"1\"")
        #expect(second["X-Request-Id"] != first["X-Request-Id"])
        #expect(bench.conductor.look { $0.events.count } == 1)
    }

    @Test func `a key belongs to one request`() async {
        let bench = Bench()
        await bench.create()
        let path = "/v1/rollouts/fraud-v7"
        #expect(await bench.call(.post, path + "/pause", nil, [Self.key]).status == 200)
        for (target, body) in [
            (path + "/resume", nil), (path + "/pause", "{}"), (path + "/pause?x=1", nil),
        ] as [(String, String?)] where target.contains("?") == false {
            let answer = await bench.call(.post, target, body, [Self.key])
            #expect(answer.isProblem("key-reused", 422), "\(target)")
        }
    }

    @Test func `a failed request leaves its key free`() async {
        let bench = Bench()
        bench.conductor.set { $0.failure = .unavailable("disk full") }
        #expect(await bench.call(.post, "/v1/rollouts", Bench.minimal, [Self.key]).status == 503)
        bench.conductor.set { $0.failure = nil }
        let other = Bench.minimal.replacing("fraud", with: "risk")
        #expect(await bench.call(.post, "/v1/rollouts", other, [Self.key]).status == 201)
    }

    @Test func `a second request while the first is answered is told to come back`() async {
        let bench = Bench()
        bench.conductor.set { $0.holdsCommands = true }
        async let first = bench.call(.post, "/v1/rollouts", Bench.minimal, [Self.key])
        while bench.conductor.look({ $0.gate == nil }) { await Task.yield() }
        let second = await bench.call(.post, "/v1/rollouts", Bench.minimal, [Self.key])
        #expect(second.isProblem("key-in-use", 409) && second["Retry-After"] == "1")
        bench.conductor.release()
        #expect(await first.status == 201)
    }

    @Test func `after a day a key is free`() async {
        let bench = Bench()
        await bench.create()
        let path = "/v1/rollouts/fraud-v7/pause"
        _ = await bench.call(.post, path, nil, [Self.key])
        bench.clock.advance(seconds: 24 * 3600 - 1)
        #expect(await bench.call(.post, path, nil, [Self.key])["Idempotency-Replayed"] == "true")
        bench.clock.advance(seconds: 1)
        #expect(await bench.call(.post, path, nil, [Self.key])["Idempotency-Replayed"] == nil)
    }

    @Test func `answers survive a restart`() async {
        let before = Bench()
        let first = await before.call(.post, "/v1/rollouts", Bench.minimal, [Self.key])
        let after = Bench(kept: before.conductor.look { $0.kept })
        let again = await after.call(.post, "/v1/rollouts", Bench.minimal, [Self.key])
        #expect(again["Idempotency-Replayed"] == "true" && again.status == 201)
        #expect(again.json == first.json && again["ETag"] == first["ETag"])
        #expect(after.conductor.states().isEmpty)
    }

    @Test func `what was saved but not answered is answered as it is now`() async throws {
        let before = Bench()
        _ = await before.call(.post, "/v1/rollouts", Bench.minimal, [Self.key])
        // What went with the event, without the answer that came later.
        let provisional = try #require(before.conductor.look { $0.terms.first?.answer })
        let after = Bench(kept: [provisional])
        await after.create()
        after.conductor.confirm(RolloutName("fraud-v7")!)
        let again = await after.call(.post, "/v1/rollouts", Bench.minimal, [Self.key])
        #expect(again.status == 201 && again["Idempotency-Replayed"] == "true")
        #expect(again.json["phase"] == "shifting" && again["ETag"] == "\"2\"")
    }

    @Test func `a repeated delete is 204 again`() async {
        let bench = Bench()
        await bench.create()
        let path = "/v1/rollouts/fraud-v7?abandon=true"
        #expect(await bench.call(.delete, path, nil, [Self.key]).status == 204)
        let again = await bench.call(.delete, path, nil, [Self.key])
        #expect(again.status == 204 && again["Idempotency-Replayed"] == "true")
        #expect(await bench.call(.delete, path).isProblem("not-found", 404))
    }

    @Test func `the key counts before If-Match and the phase`() async {
        let bench = Bench()
        await bench.create()
        let path = "/v1/rollouts/fraud-v7/abort"
        let match = ("If-Match", "\"1\"")
        #expect(await bench.call(.post, path, nil, [Self.key, match]).status == 202)
        #expect(await bench.call(.post, path, nil, [Self.key, match]).status == 202)
        #expect(await bench.call(.post, path, nil, [match]).status == 412)
    }

    @Test func `a key belongs to its actor`() async {
        let bench = Bench(tokens: Bench.allTokens)
        let ci = ("Authorization", "Bearer operator-secret")
        let root = ("Authorization", "Bearer admin-secret")
        #expect(await bench.call(.post, "/v1/rollouts", Bench.minimal, [Self.key, ci]).status == 201)
        let other = await bench.call(.post, "/v1/rollouts", Bench.minimal, [Self.key, root])
        #expect(other.isProblem("name-taken", 409))
    }

    @Test(arguments: ["", "ü", String(repeating: "k", count: 256), "a\tb"])
    func `a key of another form is refused`(key: String) async {
        let answer = await Bench().call(
            .post, "/v1/rollouts", Bench.minimal, [("Idempotency-Key", key)])
        #expect(answer.isProblem("malformed", 400) && answer.places == ["Idempotency-Key"])
    }
}
