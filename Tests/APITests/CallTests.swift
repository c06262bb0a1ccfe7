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

    @Test func `only an ended and drained rollout is deleted`() async {
        let bench = Bench()
        await bench.create()
        #expect(await bench.call(.delete, "/v1/rollouts/fraud-v7").isProblem("illegal-now", 409))
        #expect(await bench.call(.delete, "/v1/rollouts/fraud-v7?abandon=true").status == 204)
        #expect(await bench.call(.get, "/v1/rollouts/fraud-v7").isProblem("not-found", 404))
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

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,\"a\":2}", "nul", "{} {}", "\"\\ud800\"",
        String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
    ])
    func `what is not JSON is 400`(body: String) async {
        let bench = Bench()
        #expect(await bench.call(.post, "/v1/rollouts", body).isProblem("malformed", 400))
    }

    @Test func `bytes that are not UTF-8 are 400`() async {
        let bench = Bench()
        let request = Request(
            method: .post, path: "/v1/rollouts",
            headers: RequestHeaders([("Host", "localhost"), ("Content-Type", "application/json")]),
            body: Array("{\"name\":\"".utf8) + [0xFF] + Array("\"}".utf8))
        #expect(Answer(await bench.service.respond(to: request)).isProblem("malformed", 400))
    }

    @Test func `other types of bodies are 415, and PATCH says which it takes`() async {
        let bench = Bench()
        await bench.create()
        let form = [("Content-Type", "application/x-www-form-urlencoded")]
        let post = await bench.call(.post, "/v1/rollouts", Bench.minimal, form)
        #expect(post.isProblem("unsupported-media-type", 415))
        let patch = await bench.call(.patch, "/v1/rollouts/fraud-v7", "{}", form)
        #expect(patch.isProblem("unsupported-media-type", 415))
        #expect(patch["Accept-Patch"] == "application/merge-patch+json, application/json")
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

    @Test func `every refusal of the conductor is a problem`() async throws {
        let bench = Bench()
        await bench.create()
        let name = try #require(RolloutName("fraud-v7"))
        let state = try #require(bench.conductor.state(of: name))
        let cause = Cause(
            by: "kong", reason: .needsAdoption, message: "Not ours.", at: bench.clock.now,
            evidence: [.init(entity: "services/s", field: "host", present: "a", wanted: nil)])
        let rows: [(CommandError, String, Int)] = [
            (.notFound, "not-found", 404), (.nameTaken, "name-taken", 409),
            (.held(by: name, entity: "the upstream u"), "upstream-held", 409),
            (.needsAdoption(cause), "needs-adoption", 409),
            (.invalid(pointer: "/stable", detail: "none"), "invalid", 422),
            (.refused(.paused, state), "illegal-now", 409),
            (.refused(.noSuchStep(index: 9, count: 2), state), "invalid", 422),
            (.stale(current: 3), "stale-revision", 412),
            (.notForgettable(state), "illegal-now", 409),
            (.notAmendable(pointer: "/steps", detail: "x", state), "illegal-now", 409),
            (.unavailable("disk full"), "unavailable", 503),
        ]
        for (failure, slug, status) in rows {
            bench.conductor.set { $0.failure = failure }
            for verb in ["step", "pause", "resume", "promote", "abort"] {
                let answer = await bench.call(.post, "/v1/rollouts/fraud-v7/\(verb)")
                #expect(answer.isProblem(slug, status), "\(failure)")
            }
            #expect(await bench.call(.delete, "/v1/rollouts/fraud-v7").isProblem(slug, status))
            #expect(await bench.call(.get, "/v1/rollouts/fraud-v7/plan").isProblem(slug, status))
            #expect(
                await bench.call(.patch, "/v1/rollouts/fraud-v7", "{}").isProblem(slug, status))
            #expect(await bench.create("other").isProblem(slug, status))
        }
        bench.conductor.set { $0.failure = .needsAdoption(cause) }
        #expect(await bench.create("x").json["differences"]?[0]?["entity"] == "services/s")
        bench.conductor.set { $0.failure = .held(by: name, entity: "the upstream u") }
        #expect(await bench.create("x").json["holder"] == "fraud-v7")
    }

    @Test(arguments: [
        (ServerFault.malformed("two lengths"), 400), (.bodyTooLarge(limit: 5), 413),
        (.targetTooLong(limit: 5), 414), (.headersTooLarge(limit: 5), 431),
        (.unsupportedTransferCoding, 501), (.deadlineExceeded, 503), (.requestTooSlow, 408),
        (.unavailable, 503),
    ])
    func `what the server refuses is a problem too`(fault: ServerFault, status: Int) {
        let answer = Answer(Bench().service.fault(fault, nil))
        #expect(answer.status == status && answer.json["status"]?.int == status)
        #expect(answer.isProblem(answer.type?.split(separator: ":").last.map(String.init) ?? "", status))
    }

    @Test func `what can be refused before the body is`() {
        let service = Bench().service
        func admit(
            _ method: HTTPRequest.Method, _ path: String, _ type: String?, _ length: Int?
        ) -> Int {
            var fields: [(name: String, value: String)] = [("Host", "127.0.0.1")]
            if let type { fields.append(("Content-Type", type)) }
            let head = RequestHead(
                method: method, path: path, headers: RequestHeaders(fields), contentLength: length,
                isChunked: length == nil)
            return switch service.admit(head) {
            case .accept: 0
            case .reject(let response): response.status.code
            }
        }
        #expect(admit(.post, "/v1/rollouts", "application/json", 1 << 20) == 0)
        #expect(admit(.post, "/v1/rollouts", "application/json", nil) == 0)
        #expect(admit(.post, "/v1/rollouts", "application/json", (1 << 20) + 1) == 413)
        #expect(admit(.post, "/v1/rollouts", "text/plain", 5) == 415)
        #expect(admit(.post, "/nowhere", "application/json", 5) == 404)
        #expect(admit(.put, "/v1/rollouts", "application/json", 5) == 405)
    }
}
