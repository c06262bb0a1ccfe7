import API
import HTTPMessage
import HTTPTypes
import JSONText
import RolloutJSON
import Rollouts
import Synchronization

/// The service with a scripted conductor, called without sockets.
struct Bench {
    let clock = TestClock()
    let conductor: ScriptedConductor
    let tokens: TokenSet
    let service: RolloutService

    /// SHA-256 of `viewer-secret`, `operator-secret` and `admin-secret`.
    static let digests: [(String, Role, String)] = [
        (
            "watcher", .viewer, "f6aa3a0aabbb721b4aa7763a987a47688a702b1bcf4850cb4ba5bdab26f9cc4b"
        ),
        (
            "ci", .operator, "ec585b7be286a5088d8687af4ce027f389cd098e2bb0dee876d5521fa4468f59"
        ),
        (
            "root", .admin, "16175223c8ddce5ace0493c948569c211b03c4c6bb3d3e484434999448cffe01"
        ),
    ]

    static let allTokens = digests.map { name, role, digest in
        Token(name: name, role: role, sha256: digest, expires: nil)!
    }

    init(
        tokens: [Token] = [], origins: [String] = [], publicURL: String? = nil,
        kept: [KeptAnswer] = [], telemetry: (any TelemetryPort)? = nil
    ) {
        conductor = ScriptedConductor(clock: clock)
        conductor.set { $0.kept = kept }
        self.tokens = TokenSet(tokens)
        let counter = Mutex(0)
        let clock = clock
        service = RolloutService(
            APIConfiguration(
                publicURL: publicURL, tokens: self.tokens, allowedOrigins: origins,
                defaults: telemetry == nil ? Bench.defaults : Bench.judging, version: "0.1",
                openAPI: Array("{}".utf8), metrics: { Array("up 1\n".utf8) },
                telemetry: telemetry),
            conductor: conductor, now: { clock.now },
            randomID: {
                let number = counter.withLock { counter in
                    counter += 1
                    return String(counter)
                }
                let tail = String(repeating: "0", count: 12 - number.count) + number
                return "00000000-0000-4000-8000-\(tail)"
            })
    }

    static let defaults = defaults(isJudging: false)
    static let judging = defaults(isJudging: true)

    private static func defaults(isJudging: Bool) -> PlanDefaults {
        PlanDefaults(
            steps: Steps([Step(share: .init(basisPoints: 2000)!), Step(share: .all)])!,
            drain: TimeSpan("60s")!, progressDeadline: TimeSpan("10m"), gateways: ["default"],
            defaultGateway: "default", analysisAvailable: isJudging)
    }

    static let minimal =
        #"{"name":"fraud-v7","route":{"paths":["/predict"]},"#
        + #""stable":{"targets":["a.example:80"]},"canary":{"targets":["b.example:80"]}}"#

    func call(
        _ method: HTTPRequest.Method, _ target: String, _ body: String? = nil,
        _ headers: [(String, String)] = []
    ) async -> Answer {
        let parts = target.split(separator: "?", maxSplits: 1)
        var all: [(name: String, value: String)] = headers.map { ($0.0, $0.1) }
        if !headers.contains(where: { $0.0 == "Host" }) { all.append(("Host", "localhost:8080")) }
        if body != nil, !headers.contains(where: { $0.0 == "Content-Type" }) {
            all.append(("Content-Type", "application/json"))
        }
        let request = Request(
            method: method, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : nil,
            headers: RequestHeaders(all), body: Array((body ?? "").utf8))
        if method == .get, request.query == nil, request.body.isEmpty {
            let path = Array(request.path.utf8)
            let prepared = service.prepared(path.span, request.headers, peer: request.peer)
            if let prepared { return Answer(Response(prepared)) }
        }
        return Answer(await service.respond(to: request))
    }

    @discardableResult
    func create(_ name: String = "fraud-v7") async -> Answer {
        await call(.post, "/v1/rollouts", Bench.minimal.replacing("fraud-v7", with: name))
    }
}

/// An answer, easy to look at.
struct Answer {
    let response: Response
    let status: Int
    let json: JSONValue

    init(_ response: Response) {
        self.response = response
        status = response.status.code
        if case .bytes(let bytes) = response.body {
            json = (try? JSONValue(parsing: bytes)) ?? .null
        } else {
            json = .null
        }
    }

    subscript(_ name: String) -> String? { response.headers[HTTPField.Name(name)!] }
    var type: String? { json["type"]?.string }

    /// The places of the faults.
    var places: [String] {
        (json["errors"]?.array ?? []).compactMap {
            ($0["pointer"] ?? $0["parameter"] ?? $0["header"])?.string
        }
    }

    /// Whether this is a problem as every error must be.
    func isProblem(_ slug: String, _ status: Int) -> Bool {
        type == "urn:kong-rollouts:\(slug)" && self.status == status
            && json["status"]?.int == status && self["Content-Type"] == "application/problem+json"
            && !(json["detail"]?.string ?? "").isEmpty && !(json["title"]?.string ?? "").isEmpty
            && json["instance"]?.string == "urn:uuid:\(self["X-Request-Id"] ?? "?")"
    }
}
