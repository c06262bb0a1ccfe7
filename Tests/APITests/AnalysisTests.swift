import API
import HTTPTypes
import JSONText
import Judgement
import Rollouts
import Synchronization
import Testing

@Suite struct AnalysisTests {
    static let path = "/v1/rollouts/fraud-v7/analysis"

    /// What a trial says after so many equal batches.
    static func assessment(
        _ bench: Bench, batches: Int, failures: Int, policy: AnalysisPolicy = .standard
    ) -> Assessment {
        var trial = Trial(policy: policy)
        trial.beginStep(share: TrafficShare(basisPoints: 2000)!, at: bench.clock.now)
        for _ in 0..<batches {
            bench.clock.advance(seconds: 1)
            let block = TrafficBlock(
                stable: VersionSample(
                    attempts: 40, firstTries: 40, latencies: Array(repeating: 20, count: 40)),
                canary: VersionSample(
                    attempts: 10, failures: failures, hiddenFailures: failures, firstTries: 10,
                    latencies: Array(repeating: 21, count: 10 - failures)))
            trial.count(block, at: bench.clock.now)
        }
        return trial.assessment(at: bench.clock.now)
    }

    static func answer(batches: Int, failures: Int) async -> Answer {
        let letterbox = Letterbox()
        let bench = Bench(telemetry: letterbox)
        await bench.create()
        letterbox.assessments.withLock {
            $0[RolloutName("fraud-v7")!] = assessment(bench, batches: batches, failures: failures)
        }
        return await bench.call(.get, path)
    }

    @Test func `a rollout that is not judged says so`() async {
        let bench = Bench()
        await bench.create()
        let answer = await bench.call(.get, Self.path)
        #expect(answer.status == 200 && answer["Cache-Control"] == "no-cache")
        #expect(answer.json["enabled"] == false && answer.json["verdict"] == "inconclusive")
        #expect(answer.json["reasons"] == ["disabled"] && answer.json["checks"] == [])
        #expect(await bench.call(.get, Self.path + "?x=1").isProblem("malformed", 400))
        #expect(await bench.call(.post, Self.path, "{}").isProblem("method-not-allowed", 405))
        let nobody = await bench.call(.get, "/v1/rollouts/nobody/analysis")
        #expect(nobody.isProblem("not-found", 404))
    }

    @Test func `before the first record nothing was measured`() async {
        let bench = Bench(telemetry: Letterbox())
        await bench.create()
        let answer = await bench.call(.get, Self.path)
        #expect(answer.json["enabled"] == true && answer.json["verdict"] == "inconclusive")
        #expect(answer.json["reasons"] == ["nothing_measured"] && answer.json["step"] == .null)
    }

    @Test func `what is missing is a number and a time`() async {
        let answer = await Self.answer(batches: 10, failures: 0)
        #expect(answer.json["verdict"] == "inconclusive")
        #expect(answer.json["reasons"]?.array?.contains("too_few_requests") == true)
        #expect(answer.json["missing_requests"] == 200)
        #expect((answer.json["missing_seconds"]?.int ?? 0) > 0)
        #expect((answer.json["harm_excluded_above"]?.double ?? 0) > 0)
        let canary = answer.json["step"]?["canary"]
        #expect(canary?["attempts"] == 100 && canary?["failures"] == 0)
        #expect(canary?["latency_p95_ms"] == 21 && canary?["error_rate"] == 0.0)
        #expect(answer.json["step"]?["percent"] == 20 && answer.json["step"]?["number"] == 1)
        #expect(answer.json["total"]?["stable"]?["attempts"] == 400)
        let checks = answer.json["checks"]?.array ?? []
        #expect(checks.map { $0["metric"] } == ["error_rate", "latency", "share"])
        #expect(checks.first?["comparison"]?["limit"] == "max_increase")
        #expect(checks.first?["comparison"]?["needed"]?.double.map { $0 > 299 } == true)
    }

    @Test func `enough good answers are healthy`() async {
        let answer = await Self.answer(batches: 40, failures: 0)
        #expect(answer.json["verdict"] == "healthy" && answer.json["reasons"] == [])
        #expect(answer.json["missing_requests"] == 0 && answer.json["alarm"] == .null)
    }

    @Test func `an alarm has every figure`() async throws {
        let answer = await Self.answer(batches: 10, failures: 5)
        #expect(answer.json["verdict"] == "unhealthy")
        let alarm = try #require(answer.json["alarm"])
        #expect(alarm["check"] == "error_rate" && alarm["limit"] == "max_increase")
        #expect((alarm["e_value"]?.double ?? 0) >= (alarm["needed"]?.double ?? 1e9))
        #expect(alarm["canary"] == 0.5 && alarm["from"]?.string != nil)
        #expect(answer.json["checks"]?[0]?["status"] == "unhealthy")
        #expect(answer.json["checks"]?[0]?["alarm"] == alarm)
    }

    @Test func `after the end the cause still tells what the traffic showed`() async throws {
        let letterbox = Letterbox()
        let bench = Bench(telemetry: letterbox)
        await bench.create()
        let name = try #require(RolloutName("fraud-v7"))
        let state = try #require(bench.conductor.state(of: name))
        let alarm = Self.assessment(bench, batches: 10, failures: 5).checks[0].alarm
        let cause = Cause(
            by: "judge", reason: .unhealthy, message: "error_rate", at: bench.clock.now,
            alarm: alarm)
        bench.conductor.save(
            state.rollout.moved(to: .aborted(cause), at: bench.clock.now), .aborted,
            CommandTerms(actor: "judge", reason: nil, revisions: nil, answer: nil))
        let answer = await bench.call(.get, Self.path)
        #expect(answer.json["verdict"] == "unhealthy" && answer.json["reasons"] == [])
        let shown = await bench.call(.get, "/v1/rollouts/fraud-v7")
        #expect(shown.json["cause"]?["evidence"] == answer.json["alarm"])
        #expect(shown.json["cause"]?["evidence"]?["canary_count"]?.int != nil)
    }
}
