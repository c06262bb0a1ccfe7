import API
import HTTPMessage
import HTTPTypes
import JSONText
import Rollouts
import Testing

@Suite struct ProblemTests {
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
        #expect(await bench.create("x").json["title"] == "Needs adoption")
        let never = Cause(
            by: "kong", reason: .neverAdoptable, message: "Not with consent either.",
            at: bench.clock.now)
        bench.conductor.set { $0.failure = .needsAdoption(never) }
        let refusal = await bench.create("x")
        #expect(refusal.isProblem("needs-adoption", 409))
        #expect(refusal.json["title"] == "Not adoptable")
        #expect(refusal.json["detail"] == "Not with consent either.")
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
