import API
import HTTPMessage
import HTTPTypes
import JSONText
import Rollouts
import Testing

@Suite struct AccessTests {
    static func bearer(_ role: Role) -> [(String, String)] {
        [("Authorization", "Bearer \(role.rawValue)-secret")]
    }

    /// Method, target, body, the least role.
    static let matrix: [(HTTPRequest.Method, String, String?, Role)] = [
        (.get, "/v1/rollouts", nil, .viewer), (.get, "/v1/rollouts/fraud-v7", nil, .viewer),
        (.get, "/v1/rollouts/fraud-v7/plan", nil, .viewer), (.get, "/v1/events", nil, .viewer),
        (.get, "/v1/rollouts/fraud-v7/events", nil, .viewer), (.get, "/v1/gateways", nil, .viewer),
        (.get, "/metrics", nil, .viewer),
        (.post, "/v1/rollouts?dry_run=true", Bench.minimal, .viewer),
        (.post, "/v1/rollouts", Bench.minimal.replacing("fraud-v7", with: "x"), .operator),
        (.patch, "/v1/rollouts/fraud-v7", #"{"labels":{"a":"b"}}"#, .operator),
        (.patch, "/v1/rollouts/fraud-v7", #"{"adopt":true}"#, .admin),
        (.post, "/v1/rollouts/fraud-v7/pause", nil, .operator),
        (.post, "/v1/rollouts/fraud-v7/resume", nil, .operator),
        (.post, "/v1/rollouts/fraud-v7/promote", nil, .operator),
        (.post, "/v1/rollouts/fraud-v7/abort", nil, .operator),
        (.delete, "/v1/rollouts/fraud-v7", nil, .operator),
        (.delete, "/v1/rollouts/fraud-v7?abandon=true", nil, .admin),
        (.post, "/v1/rollouts", Bench.minimal.dropLast() + #","adopt":true}"#, .admin),
    ]

    @Test(arguments: 0..<matrix.count)
    func `every call needs its role`(row: Int) async {
        let (method, target, body, least) = Self.matrix[row]
        for role in Role.allCases {
            let bench = Bench(tokens: Bench.allTokens)
            if !target.hasSuffix("/v1/rollouts") || body?.contains("adopt") != true {
                _ = await bench.call(.post, "/v1/rollouts", Bench.minimal, Self.bearer(.admin))
            }
            let answer = await bench.call(method, target, body, Self.bearer(role))
            if role < least {
                #expect(answer.isProblem("forbidden", 403), "\(role)")
                // The role that the body asks for is known only once the body may be read.
                let named = role == .viewer && body != nil ? .operator : least
                #expect(answer.json["detail"]?.string?.contains(named.rawValue) == true)
            } else {
                #expect(answer.status != 401 && answer.status != 403, "\(role)")
            }
        }
    }

    @Test(arguments: [
        nil, "", "Bearer", "Bearer ", "Bearer wrong", "Basic viewer-secret", "viewer-secret",
        "Bearer  viewer-secret",
    ] as [String?])
    func `without a token that is known everything but the open calls is 401`(
        sent: String?
    ) async {
        let bench = Bench(tokens: Bench.allTokens)
        let headers = sent.map { [("Authorization", $0)] } ?? []
        for path in ["/v1/rollouts", "/v1/rollouts/x", "/nowhere", "/metrics", "/v1/events"] {
            let answer = await bench.call(.get, path, nil, headers)
            #expect(answer.isProblem("unauthenticated", 401), "\(path)")
            #expect(answer["WWW-Authenticate"] == "Bearer")
        }
        for path in ["/healthz", "/readyz", "/openapi.json", "/"] {
            #expect(await bench.call(.get, path, nil, headers).status == 200, "\(path)")
        }
        #expect(await bench.call(.options, "/v1/rollouts", nil, headers).status == 204)
    }

    @Test func `a prepared answer needs a token too`() async {
        let bench = Bench(tokens: Bench.allTokens)
        let path = "/v1/rollouts/fraud-v7"
        _ = await bench.call(.post, "/v1/rollouts", Bench.minimal, Self.bearer(.operator))
        #expect(await bench.call(.get, path, nil, Self.bearer(.viewer)).status == 200)
        #expect(await bench.call(.get, path).isProblem("unauthenticated", 401))
    }

    @Test func `tokens expire and are replaced while the service runs`() async throws {
        let digest = Bench.digests[0].2
        let soon = Timestamp(milliseconds: 1_763_888_760_000)
        let bench = Bench(tokens: [
            try #require(Token(name: "w", role: .viewer, sha256: digest, expires: soon))
        ])
        #expect(await bench.call(.get, "/v1/rollouts", nil, Self.bearer(.viewer)).status == 200)
        bench.clock.advance(seconds: 60)
        #expect(await bench.call(.get, "/v1/rollouts", nil, Self.bearer(.viewer)).status == 401)
        bench.tokens.replace(Bench.allTokens)
        #expect(await bench.call(.get, "/v1/rollouts", nil, Self.bearer(.viewer)).status == 200)
        #expect(Token(name: "w", role: .viewer, sha256: "zz", expires: nil) == nil)
    }

    @Test func `the actor stands in history`() async {
        let bench = Bench(tokens: Bench.allTokens)
        _ = await bench.call(.post, "/v1/rollouts", Bench.minimal, Self.bearer(.operator))
        #expect(bench.conductor.look { $0.events.map(\.actor) } == ["ci"])
    }

    @Test(arguments: [
        ("localhost", 200), ("localhost:8080", 200), ("127.0.0.1:1", 200), ("127.9.9.9", 200),
        ("[::1]:8080", 200), ("[::1]", 200), ("evil.example", 403), ("127.0.0.1.evil.example", 403),
        ("", 403), ("[::1].evil", 403), ("127.0.0.256", 403), ("10.0.0.1", 403),
    ])
    func `without tokens the Host must be loopback`(host: String, status: Int) async {
        let answer = await Bench().call(.get, "/v1/rollouts", nil, [("Host", host)])
        #expect(answer.status == status)
        if status == 403 { #expect(answer.isProblem("forbidden", 403)) }
        let guarded = await Bench(tokens: Bench.allTokens).call(
            .get, "/v1/rollouts", nil, [("Host", host)] + Self.bearer(.viewer))
        #expect(guarded.status == 200)
    }

    @Test(arguments: [
        ("http://localhost:8080", 200), ("https://localhost:8080", 403),
        ("https://evil.example", 403), ("null", 403), ("https://dash.example", 200),
        ("https://ship.example", 200),
    ])
    func `pages of other origins may not call`(origin: String, status: Int) async {
        let bench = Bench(
            origins: ["https://dash.example"], publicURL: "https://ship.example/kong")
        for _ in 0..<2 {
            let answer = await bench.call(.get, "/v1/rollouts", nil, [("Origin", origin)])
            #expect(answer.status == status)
            #expect(answer["Vary"] == "Origin")
        }
    }

    @Test func `allowed origins get what browsers ask for`() async {
        let bench = Bench(tokens: Bench.allTokens, origins: ["https://dash.example"])
        let origin = ("Origin", "https://dash.example")
        let preflight = await bench.call(
            .options, "/v1/rollouts/fraud-v7", nil,
            [origin, ("Access-Control-Request-Method", "PATCH")])
        #expect(preflight.status == 204)
        #expect(preflight["Access-Control-Allow-Origin"] == "https://dash.example")
        #expect(preflight["Access-Control-Allow-Methods"]?.contains("PATCH") == true)
        #expect(preflight["Access-Control-Allow-Headers"]?.contains("If-Match") == true)
        let get = await bench.call(.get, "/v1/rollouts", nil, [origin] + Self.bearer(.viewer))
        #expect(get["Access-Control-Expose-Headers"]?.contains("ETag") == true)
        let refused = await bench.call(.get, "/v1/rollouts", nil, [origin])
        #expect(refused.status == 401)
        #expect(refused["Access-Control-Allow-Origin"] == "https://dash.example")
        let stranger = await bench.call(
            .options, "/v1/rollouts", nil,
            [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")])
        #expect(stranger["Access-Control-Allow-Origin"] == nil)
        #expect(stranger["Access-Control-Allow-Methods"] == nil)
    }
}
