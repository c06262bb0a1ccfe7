@testable import API
import HTTPMessage
import HTTPTypes
import JSONText
import Judgement
import RolloutJSON
import Rollouts
import Synchronization
import Testing

/// Keeps what Kong posted.
final class Letterbox: TelemetryPort {
    let letters = Mutex<[(name: RolloutName, body: [UInt8])]>([])

    func receive(_ body: [UInt8], for name: RolloutName) {
        letters.withLock { $0.append((name, body)) }
    }

    /// The one who is let in at once.
    let open = Mutex<(name: String, secret: String)?>(nil)

    func receiver(
        name: Span<UInt8>, secret: Span<UInt8>, answer: PreparedResponse
    ) -> (any BodyReceiver)? {
        func text(_ bytes: Span<UInt8>) -> String {
            bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }
        let asked = (text(name), text(secret))
        guard let open = open.withLock({ $0 }), open == asked else { return nil }
        return Slot(letterbox: self, name: RolloutName(open.name)!, answer: answer)
    }

    private final class Slot: BodyReceiver {
        let letterbox: Letterbox
        let name: RolloutName
        let answer: PreparedResponse

        init(letterbox: Letterbox, name: RolloutName, answer: PreparedResponse) {
            self.letterbox = letterbox
            self.name = name
            self.answer = answer
        }

        func receive(_ body: UnsafeRawBufferPointer) -> PreparedResponse {
            letterbox.receive(Array(body), for: name)
            return answer
        }
    }

    let assessments = Mutex<[RolloutName: Assessment]>([:])

    func assessment(of name: RolloutName, at now: Timestamp) -> Assessment? {
        assessments.withLock { $0[name] }
    }

    func counts(of name: RolloutName) -> TelemetryCounts? {
        TelemetryCounts(batches: 1, records: 2, duplicates: 3, malformed: 4, foreign: 5)
    }

    var count: Int { letters.withLock { $0.count } }
}

@Suite struct TelemetryTests {
    static let secret = "0123456789abcdef0123456789abcdef"
    static let path = "/v1/telemetry/kong/fraud-v7/" + secret

    /// A service that judges one rollout.
    struct Post {
        let letterbox = Letterbox()
        let bench: Bench

        init(
            _ phase: Phase = .pending(registered: false), analysis: AnalysisPolicy = .standard,
            tokens: [Token] = []
        ) async throws {
            bench = Bench(tokens: tokens, telemetry: letterbox)
            var plan = try PlanReader.read(
                try .init(parsing: Bench.minimal), defaults: Bench.defaults)
            plan.analysis = analysis
            let rollout = Rollout(
                plan: plan, createdAt: bench.clock.now, telemetrySecret: TelemetryTests.secret
            ).moved(to: phase, at: bench.clock.now)
            let terms = CommandTerms(actor: "ci", reason: nil, revisions: nil, answer: nil)
            bench.conductor.save(rollout, .created, terms)
        }

        /// As Kong posts: from another host, without a token.
        func send(
            _ path: String = TelemetryTests.path, _ body: String = "[{}]",
            type: String? = "application/json; charset=utf-8"
        ) -> Response? {
            var headers = [(name: "Host", value: "rollouts.example.com:8080")]
            if let type { headers.append((name: "Content-Type", value: type)) }
            return bench.service.telemetry(
                for: Request(
                    method: .post, path: path, headers: RequestHeaders(headers),
                    body: Array(body.utf8), peer: "192.0.2.7"))
        }

        func admission(_ path: String, length: Int?) -> RolloutService.Admission {
            bench.service.admit(
                RequestHead(
                    method: .post, path: path,
                    headers: RequestHeaders([("Host", "rollouts.example.com:8080")]),
                    peer: "192.0.2.7", contentLength: length, isChunked: length == nil))
        }
    }

    @Test(arguments: [[], Bench.allTokens])
    func `Kong's records are taken from another host and without a token`(
        tokens: [Token]
    ) async throws {
        let post = try await Post(tokens: tokens)
        for type in ["application/json; charset=utf-8", "text/plain", nil] {
            let response = try #require(post.send(type: type))
            #expect(response.status == .noContent && response.prepared != nil)
        }
        #expect(post.letterbox.count == 3)
        post.letterbox.letters.withLock { letters in
            #expect(letters[0].name.description == "fraud-v7")
            #expect(letters[0].body == Array("[{}]".utf8))
        }
    }

    @Test func `where it is known at once who takes a body, it is asked for nothing else`() async throws {
        let post = try await Post()
        func receiver(_ path: String, _ length: Int) -> (any BodyReceiver)? {
            let path = Array(path.utf8)
            return post.bench.service.receiver(path.span, length: length)
        }
        #expect(receiver(Self.path, 4) == nil)
        post.letterbox.open.withLock { $0 = ("fraud-v7", Self.secret) }
        let slot = try #require(receiver(Self.path, 4))
        let answer = Array("[{}]".utf8).withUnsafeBytes { slot.receive($0) }
        #expect(answer.status == .noContent && answer.bytes.isEmpty)
        #expect(post.letterbox.count == 1)
        for path in [
            Self.path + "/", Self.path + "0", String(Self.path.dropLast()), "/v1/telemetry/kong/",
            "/v1/telemetry/kong/fraud-v7", "/v1/telemetry/kong/fraud-v7/", "/", "",
            "/v1/telemetry/gong/fraud-v7/" + Self.secret, "/v1/rollouts/fraud-v7/abort",
        ] {
            #expect(receiver(path, 4) == nil)
        }
        #expect(receiver(Self.path, 8 << 20) != nil)
        #expect(receiver(Self.path, 8 << 20 + 1) == nil)
    }

    @Test func `what is no telemetry is not answered here`() async throws {
        let post = try await Post()
        #expect(post.send("/v1/rollouts/fraud-v7/abort") == nil)
        #expect(post.send("/v1/telemetry") == nil)
        let get = Request(method: .get, path: Self.path)
        #expect(post.bench.service.telemetry(for: get) == nil)
        let answer = await post.bench.call(.get, Self.path)
        #expect(answer.isProblem("method-not-allowed", 405) && answer["Allow"] == "POST, OPTIONS")
    }

    @Test(arguments: [
        "fraud-v7/0123456789abcdef0123456789abcdee", "fraud-v7/", "fraud-v7",
        "other/0123456789abcdef0123456789abcdef", "fraud-v7/0123456789abcdef0123456789abcdef/",
        "fraud-v7/0123456789abcdef0123456789abcdef0", "FRAUD-V7/0123456789abcdef0123456789abcdef",
        "other/--------------------------------", "%66raud-v7/0123456789abcdef0123456789abcdef",
    ])
    func `another secret and another rollout are refused alike, before the body`(
        rest: String
    ) async throws {
        let post = try await Post()
        let path = "/v1/telemetry/kong/" + rest
        let response = try #require(post.send(path))
        let answer = Answer(response)
        #expect(answer.isProblem("not-found", 404))
        let known = Answer(try #require(post.send("/v1/telemetry/kong/nobody/x")))
        #expect(answer.json["detail"] == known.json["detail"])
        #expect(!"\(answer.json)".contains("0123456789abcdef"))
        guard case .reject(let refusal) = post.admission(path, length: 80_000) else {
            Issue.record("the body would have been read")
            return
        }
        #expect(refusal.status == .notFound)
        #expect(post.letterbox.count == 0)
    }

    @Test func `bodies up to 8 MiB are read`() async throws {
        let post = try await Post()
        for length in [1, 8 << 20, nil] {
            guard case .accept(8_388_608) = post.admission(Self.path, length: length) else {
                Issue.record("\(length ?? 0) was refused")
                continue
            }
        }
        guard case .reject(let refusal) = post.admission(Self.path, length: 8 << 20 + 1) else {
            Issue.record("too much was accepted")
            return
        }
        #expect(Answer(refusal).isProblem("too-large", 413))
    }

    @Test func `records of an ended rollout, or of one that is not judged, are dropped`() async throws {
        let cause = Cause(
            by: "ci", reason: .requested, message: "x", at: Timestamp(milliseconds: 0))
        for post in [
            try await Post(.promoted), try await Post(.aborted(cause)),
            try await Post(analysis: .off),
        ] {
            #expect(post.send()?.status == .noContent)
            guard case .reject(let answer) = post.admission(Self.path, length: 9) else {
                Issue.record("the body would have been read")
                continue
            }
            #expect(answer.status == .noContent && post.letterbox.count == 0)
        }
        let leaving = try await Post(.aborting(cause))
        #expect(leaving.send()?.status == .noContent && leaving.letterbox.count == 1)
    }

    @Test func `nothing is refused for good before the ledger was read`() async throws {
        let post = try await Post()
        post.bench.conductor.set {
            $0.states = []
            $0.isReady = false
        }
        let answer = Answer(try #require(post.send()))
        #expect(answer.isProblem("unavailable", 503))
    }

    @Test func `an empty body counts for nothing`() async throws {
        let post = try await Post()
        #expect(post.send(Self.path, "")?.status == .noContent && post.letterbox.count == 0)
    }

    @Test func `the secret is nowhere shown`() async throws {
        let post = try await Post()
        for path in ["/v1/rollouts/fraud-v7", "/v1/rollouts", "/v1/rollouts/fraud-v7/events"] {
            let answer = await post.bench.call(.get, path)
            #expect(answer.status == 200 && !"\(answer.json)".contains(Self.secret))
        }
    }
}
