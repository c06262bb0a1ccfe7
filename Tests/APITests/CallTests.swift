import API
import HTTPMessage
import HTTPTypes
import JSONText
import Rollouts
import Testing

@Suite struct CallTests {
    @Test func `creating answers 201 with its place, its tag and the rollout`() async {
        let bench = Bench()
        let answer = await bench.create()
        #expect(answer.status == 201)
        #expect(answer["Location"] == "/v1/rollouts/fraud-v7")
        #expect(answer["Content-Location"] == "/v1/rollouts/fraud-v7")
        #expect(answer["ETag"] == "\"1\"")
        #expect(answer["Cache-Control"] == "no-cache")
        #expect(answer["X-Request-Id"] != nil)
        #expect(answer.json["phase"] == "pending")
        #expect(bench.conductor.look { $0.waits } == [.seconds(2)])
        let again = await bench.create()
        #expect(again.isProblem("name-taken", 409))
    }

    @Test func `a public URL leads every place`() async {
        let answer = await Bench(publicURL: "https://ship.example/").create()
        #expect(answer["Location"] == "https://ship.example/v1/rollouts/fraud-v7")
    }

    @Test func `a dry run saves nothing`() async {
        let bench = Bench()
        let answer = await bench.call(.post, "/v1/rollouts?dry_run=true", Bench.minimal)
        #expect(answer.status == 200)
        #expect(answer.json["calls"]?[0]?["body"]?["name"] == "u")
        #expect(answer.json["calls"]?[1]?["body"] == .null)
        #expect(bench.conductor.states().isEmpty)
    }

    @Test func `a GET is answered from prepared bytes until something moves`() async throws {
        let bench = Bench()
        await bench.create()
        let first = await bench.call(.get, "/v1/rollouts/fraud-v7")
        let second = await bench.call(.get, "/v1/rollouts/fraud-v7")
        #expect(first.status == 200 && second.status == 200)
        let prepared = try #require(second.response.prepared)
        #expect(prepared === first.response.prepared)
        bench.conductor.confirm(RolloutName("fraud-v7")!)
        let third = await bench.call(.get, "/v1/rollouts/fraud-v7")
        #expect(third["ETag"] == "\"2\"")
        #expect(third.json["phase"] == "shifting")
    }

    @Test func `a verb answers 202 while its outcome is open and 200 once it is there`() async {
        let bench = Bench()
        await bench.create()
        let open = await bench.call(.post, "/v1/rollouts/fraud-v7/abort", nil, [("Prefer", "wait=90")])
        #expect(open.status == 202)
        #expect(open["Preference-Applied"] == "wait=60")
        #expect(bench.conductor.look { $0.waits.last } == .seconds(60))
        #expect(open.json["phase"] == "aborting")
        bench.conductor.confirm(RolloutName("fraud-v7")!)
        let refused = await bench.call(.post, "/v1/rollouts/fraud-v7/abort")
        #expect(refused.isProblem("illegal-now", 409))
        #expect(refused.json["phase"] == "aborted")
        #expect(refused.json["actions"] == [])
    }

    @Test func `an outcome that is there already is 200 without waiting`() async {
        let bench = Bench()
        bench.conductor.set { $0.confirmsAtOnce = true }
        let created = await bench.create()
        #expect(created.json["phase"] == "holding")
        let step = await bench.call(.post, "/v1/rollouts/fraud-v7/step", #"{"reason":"fine"}"#)
        #expect(step.status == 200)
        #expect(step.json["step"]?["index"] == 1)
        let promoted = await bench.call(.post, "/v1/rollouts/fraud-v7/promote")
        #expect(promoted.status == 200 && promoted.json["phase"] == "promoted")
        #expect(bench.conductor.look { $0.waits }.isEmpty)
        #expect(bench.conductor.look { $0.terms.map(\.reason) }.contains("fine"))
        let abort = await bench.call(.post, "/v1/rollouts/fraud-v7/abort")
        #expect(abort.json["detail"]?.string?.contains("old version as canary") == true)
    }

    @Test func `pause answers 200 at once and resume waits`() async {
        let bench = Bench()
        await bench.create()
        #expect(await bench.call(.post, "/v1/rollouts/fraud-v7/pause").status == 200)
        #expect(await bench.call(.post, "/v1/rollouts/fraud-v7/pause").status == 200)
        #expect(await bench.call(.post, "/v1/rollouts/fraud-v7/step").isProblem("illegal-now", 409))
        #expect(await bench.call(.post, "/v1/rollouts/fraud-v7/resume").status == 202)
    }

    @Test func `PATCH merges and says what it may not`() async {
        let bench = Bench()
        await bench.create()
        let labels = await bench.call(
            .patch, "/v1/rollouts/fraud-v7", #"{"labels":{"team":"risk"}}"#,
            [("Content-Type", "application/merge-patch+json; charset=utf-8")])
        #expect(labels.status == 200 && labels.json["labels"]?["team"] == "risk")
        #expect(labels.json["revision"] == 2)
        let none = await bench.call(
            .patch, "/v1/rollouts/fraud-v7", #"{"labels":{"team":null},"name":"fraud-v7"}"#)
        #expect(none.json["labels"] == [:])
        let bad = await bench.call(
            .patch, "/v1/rollouts/fraud-v7", #"{"gateway":"other","steps":[50,20],"colour":1}"#)
        #expect(bad.isProblem("invalid", 422))
        #expect(Set(bad.places) == ["/gateway", "/steps/1", "/colour"])
        _ = await bench.call(.post, "/v1/rollouts/fraud-v7/abort")
        let late = await bench.call(.patch, "/v1/rollouts/fraud-v7", #"{"steps":[30]}"#)
        #expect(late.isProblem("illegal-now", 409) && late.places == ["/steps"])
    }

    @Test func `a PATCH keeps what another one changed while it was read`() async {
        let bench = Bench()
        await bench.create()
        let name = RolloutName("fraud-v7")!
        let conductor = bench.conductor
        conductor.set { $0.meanwhile = { conductor.label(name, ["theirs": "1"]) } }
        let merged = await bench.call(
            .patch, "/v1/rollouts/fraud-v7", #"{"labels":{"ours":"2"}}"#)
        #expect(merged.status == 200)
        #expect(merged.json["labels"]?["theirs"] == "1" && merged.json["labels"]?["ours"] == "2")
        let revision = merged.json["revision"]?.int ?? 0
        conductor.set { $0.meanwhile = { conductor.label(name, ["theirs": "3"]) } }
        let meant = await bench.call(
            .patch, "/v1/rollouts/fraud-v7", #"{"labels":{"ours":"4"}}"#,
            [("If-Match", "\"\(revision)\"")])
        #expect(meant.isProblem("stale-revision", 412))
        #expect(conductor.state(of: name)?.rollout.plan.labels["ours"] == "2")
    }

    @Test func `only an ended and drained rollout is deleted`() async {
        let bench = Bench()
        await bench.create()
        #expect(await bench.call(.delete, "/v1/rollouts/fraud-v7").isProblem("illegal-now", 409))
        #expect(await bench.call(.delete, "/v1/rollouts/fraud-v7?abandon=true").status == 204)
        #expect(await bench.call(.get, "/v1/rollouts/fraud-v7").isProblem("not-found", 404))
    }

    @Test func `a rollout is not taken for an earlier one of its name`() async {
        let bench = Bench()
        await bench.create()
        _ = await bench.call(.get, "/v1/rollouts/fraud-v7")
        bench.conductor.set { $0.states = [] }
        bench.clock.advance(seconds: 5)
        let body = Bench.minimal.replacing("/predict", with: "/score")
        _ = await bench.call(.post, "/v1/rollouts", body)
        let again = await bench.call(.get, "/v1/rollouts/fraud-v7")
        #expect(again["ETag"] == "\"1\"" && again.json["route"]?["paths"] == ["/score"])
    }

    @Test func `lists are newest first, filtered, and cut into pages`() async {
        let bench = Bench()
        for name in ["a", "b", "c", "d", "e"] {
            await bench.create(name)
            bench.clock.advance(seconds: 1)
        }
        var names: [String] = []
        var next = "/v1/rollouts?limit=2&phase=active"
        for _ in 0..<3 {
            let page = await bench.call(.get, next)
            #expect(page.status == 200)
            names += (page.json["items"]?.array ?? []).compactMap { $0["name"]?.string }
            guard let cursor = page.json["next_cursor"]?.string else { break }
            next = "/v1/rollouts?limit=2&phase=active&cursor=\(cursor)"
            #expect(page["Link"] == "<\(next)>; rel=\"next\"")
            // What a page ended with may be gone by the next call.
            bench.conductor.set { $0.states.removeAll { $0.rollout.name.description == "d" } }
        }
        #expect(names == ["e", "d", "c", "b", "a"])
        #expect(await bench.call(.get, "/v1/rollouts?phase=aborted").json["items"] == [])
        #expect(await bench.call(.get, "/v1/rollouts?label=team:x").json["items"] == [])
        _ = await bench.call(.patch, "/v1/rollouts/a", #"{"labels":{"team":"x","k":"a:b"}}"#)
        let labelled = await bench.call(.get, "/v1/rollouts?label=team:x&label=k:a%3Ab")
        #expect(labelled.json["items"]?.array?.count == 1)
    }

    @Test(arguments: [
        "/v1/rollouts?phase=sleeping", "/v1/rollouts?limit=0", "/v1/rollouts?limit=201",
        "/v1/rollouts?limit=1&limit=2", "/v1/rollouts?cursor=x", "/v1/rollouts?colour=red",
        "/v1/rollouts?label=team", "/v1/rollouts?limit=+1", "/v1/rollouts?a=%zz",
        "/v1/rollouts/%zz", "/v1/events?after=-1", "/v1/events?cursor=1", "/healthz?x=1",
        "/v1/rollouts/fraud-v7?fields=name",
    ])
    func `bad queries and escapes are 400`(target: String) async {
        let bench = Bench()
        await bench.create()
        #expect(await bench.call(.get, target).isProblem("malformed", 400))
    }

    @Test func `a misspelt dry run is refused, not done`() async {
        let bench = Bench()
        let answer = await bench.call(.post, "/v1/rollouts?dry-run=true", Bench.minimal)
        #expect(answer.isProblem("malformed", 400) && answer.places == ["dry-run"])
        #expect(answer.json["errors"]?[0]?["detail"]?.string?.contains("dry_run") == true)
        #expect(bench.conductor.states().isEmpty)
    }

    @Test func `unknown paths are 404 and other methods 405 with Allow`() async {
        let bench = Bench()
        await bench.create()
        for path in ["/v2", "/v1/rollouts/", "/v1/rollouts/A", "/v1/rollouts/x/go", "/v1", "//"] {
            #expect(await bench.call(.get, path).isProblem("not-found", 404), "\(path)")
        }
        let put = await bench.call(.put, "/v1/rollouts/fraud-v7", "{}")
        #expect(put.isProblem("method-not-allowed", 405))
        #expect(put["Allow"] == "GET, HEAD, PATCH, DELETE, OPTIONS")
        #expect(await bench.call(.get, "/v1/rollouts/fraud-v7/step")["Allow"] == "POST, OPTIONS")
        let options = await bench.call(.options, "/v1/rollouts")
        #expect(options.status == 204 && options["Allow"] == "GET, HEAD, POST, OPTIONS")
        #expect(await bench.call(.options, "*").status == 204)
        #expect(await bench.call(.head, "/v1/rollouts/fraud-v7")["ETag"] == "\"1\"")
    }

    @Test func `the service's own calls answer`() async {
        let bench = Bench()
        #expect(await bench.call(.get, "/healthz").json["status"] == "ok")
        #expect(await bench.call(.get, "/readyz").status == 200)
        #expect(await bench.call(.get, "/metrics").status == 200)
        #expect(await bench.call(.get, "/openapi.json").json == [:])
        #expect(await bench.call(.get, "/").json["version"] == "0.1")
        let gateways = await bench.call(.get, "/v1/gateways")
        #expect(gateways.json["items"]?[0]?["nodes"]?[0]?["workers"] == 2)
        #expect(gateways.json["items"]?[0]?["reachable"] == true)
        bench.conductor.set { $0.isReady = false }
        for path in ["/readyz", "/v1/rollouts", "/v1/rollouts/x", "/v1/events"] {
            let answer = await bench.call(.get, path)
            #expect(answer.isProblem("unavailable", 503) && answer["Retry-After"] == "1", "\(path)")
        }
        #expect(await bench.call(.get, "/healthz").status == 200)
    }
}
