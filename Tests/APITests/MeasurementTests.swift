import API
import HTTPTypes
import JSONText
import Rollouts
import Testing

@Suite struct MeasurementTests {
    static let path = "/v1/rollouts/fraud-v7/measurements"
    static let one = #"{"metric":"accuracy","version":"canary","value":0.93}"#

    static func judging(tokens: [Token] = []) async -> Bench {
        let bench = Bench(tokens: tokens, telemetry: Letterbox())
        let headers = tokens.isEmpty ? [] : [("Authorization", "Bearer operator-secret")]
        let created = await bench.call(
            .post, "/v1/rollouts",
            #"{"name":"fraud-v7","route":{"paths":["/predict"]},"#
                + #""stable":{"targets":["a.example:80"]},"canary":{"targets":["b.example:80"]},"#
                + #""analysis":{"checks":[{"metric":"measurement","name":"accuracy","#
                + #""range":[0,1],"better":"higher"}]}}"#, headers)
        #expect(created.status == 201)
        return bench
    }

    @Test func `a value is saved before it is answered`() async {
        let bench = await Self.judging()
        let answer = await bench.call(.post, Self.path, Self.one)
        #expect(answer.status == 202 && answer.json["name"] == "fraud-v7")
        #expect(
            bench.conductor.look { $0.measurements }
                == [Measurement(metric: "accuracy", isCanary: true, value: 0.93)])
        let more = await bench.call(
            .post, Self.path, #"{"measurements":[\#(Self.one),\#(Self.one)]}"#)
        #expect(more.status == 202 && bench.conductor.look { $0.measurements.count } == 3)
    }

    @Test func `a repeated request counts once`() async {
        let bench = await Self.judging()
        let key = [("Idempotency-Key", "k1")]
        let first = await bench.call(.post, Self.path, Self.one, key)
        let second = await bench.call(.post, Self.path, Self.one, key)
        #expect(first.status == 202 && second.status == 202)
        #expect(second["Idempotency-Replayed"] == "true" && second.json == first.json)
        #expect(bench.conductor.look { $0.measurements.count } == 1)
        #expect(bench.conductor.look { $0.terms.last?.answer } != nil)
        let other = await bench.call(
            .post, Self.path, Self.one.replacing("0.93", with: "0.94"), key)
        #expect(other.isProblem("key-reused", 422))
    }

    @Test func `what is wrong counts for nothing`() async {
        let bench = await Self.judging()
        let bad = await bench.call(
            .post, Self.path, #"{"metric":"speed","version":"v9","value":0.5}"#)
        #expect(bad.isProblem("invalid", 422) && bad.places == ["/metric", "/version"])
        let outside = await bench.call(
            .post, Self.path, Self.one.replacing("0.93", with: "93"))
        #expect(outside.isProblem("invalid", 422) && outside.places == ["/value"])
        #expect(await bench.call(.post, Self.path, "{").isProblem("malformed", 400))
        #expect(await bench.call(.post, Self.path).isProblem("unsupported-media-type", 415))
        #expect(
            await bench.call(.post, Self.path + "?x=1", Self.one).isProblem("malformed", 400))
        #expect(
            await bench.call(.post, Self.path.replacing("v7", with: "v8"), Self.one)
                .isProblem("not-found", 404))
        #expect(await bench.call(.get, Self.path).isProblem("method-not-allowed", 405))
        #expect(bench.conductor.look { $0.measurements.isEmpty })
    }

    @Test func `only what is judged takes measurements`() async {
        let bench = await Self.judging()
        let off = await bench.call(
            .patch, "/v1/rollouts/fraud-v7", #"{"analysis":{"enabled":false}}"#)
        #expect(off.status == 200 && off.json["analysis"]?["enabled"] == false)
        #expect(await bench.call(.post, Self.path, Self.one).isProblem("illegal-now", 409))
        let restored = await bench.call(.patch, "/v1/rollouts/fraud-v7", #"{"analysis":null}"#)
        #expect(restored.json["analysis"]?["checks"]?.array?.count == 2)
        let ended = await Self.judging()
        _ = await ended.call(.post, "/v1/rollouts/fraud-v7/abort")
        ended.conductor.confirm(RolloutName("fraud-v7")!)
        let late = await ended.call(.post, Self.path, Self.one)
        #expect(late.isProblem("illegal-now", 409) && late.json["phase"] == "aborted")
    }

    @Test func `pushing needs the role of an operator, and an old revision is refused`() async {
        let bench = await Self.judging(tokens: Bench.allTokens)
        #expect(await bench.call(.post, Self.path, Self.one).isProblem("unauthenticated", 401))
        let viewer = [("Authorization", "Bearer viewer-secret")]
        #expect(
            await bench.call(.post, Self.path, Self.one, viewer).isProblem("forbidden", 403))
        let ci = [("Authorization", "Bearer operator-secret")]
        #expect(await bench.call(.post, Self.path, Self.one, ci).status == 202)
        let stale = await bench.call(
            .post, Self.path, Self.one, ci + [("If-Match", "\"7\"")])
        #expect(stale.isProblem("stale-revision", 412))
    }
}
