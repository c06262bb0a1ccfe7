internal import HTTPMessage
internal import HTTPTypes
internal import Synchronization

/// One node's Admin API over HTTP.
final class AdminService: Sendable {
    private let node: KongNode
    private let database: SharedDatabase
    private let world: Surroundings
    private let isDBLess: Bool
    private let control: SandboxControl
    private let state = Mutex((served: 0, hangs: false, hash: String(repeating: "0", count: 32)))

    init(
        node: KongNode, database: SharedDatabase, world: Surroundings, isDBLess: Bool,
        control: SandboxControl
    ) {
        self.node = node
        self.database = database
        self.world = world
        self.isDBLess = isDBLess
        self.control = control
    }

    /// While set, requests are taken and not answered.
    var hangs: Bool {
        get { state.withLock { $0.hangs } }
        set { state.withLock { $0.hangs = newValue } }
    }

    func answer(_ request: Request) async -> Response {
        let started = ContinuousClock.now
        while hangs {
            do { try await ContinuousClock().sleep(for: .milliseconds(20)) } catch { break }
        }
        state.withLock { $0.served += 1 }
        guard let decoded = AdminRequest(request) else {
            return Self.response(AdminAnswer.fault(.refused("Bad request")), since: started)
        }
        let answer = decoded.path.first == "sandbox" ? await control.answer(decoded) : answer(decoded)
        return Self.response(answer, since: started)
    }

    private func answer(_ request: AdminRequest) -> AdminAnswer {
        let (served, hash) = state.withLock { ($0.served, $0.hash) }
        let access = NodeAccess(
            nodeID: node.id, hostname: "kong-rollouts-sandbox", isDBLess: isDBLess,
            configurationHash: hash, isDatabaseUp: database.isUp, requestsServed: served,
            health: node.health, mark: node.mark)
        let api = AdminAPI(world: world, node: access)
        return database.perform(from: node.index) { rows in
            api.answer(request, state: &rows)
        } follow: { rows, changes in
            node.follow(changes, in: rows)
            if changes.contains(.configuration) {
                let hash = ConfigurationExport.hash(of: rows)
                state.withLock { $0.hash = hash }
            }
        }
    }

    private static func response(
        _ answer: AdminAnswer, since started: ContinuousClock.Instant
    ) -> Response {
        var headers: HTTPFields = [
            .server: "kong/\(NodeDescription.version)", .accessControlAllowOrigin: "*",
        ]
        headers[.accessControlAllowCredentials] = "true"
        if let latency = HTTPField.Name("X-Kong-Admin-Latency") {
            headers[latency] = String(Int((ContinuousClock.now - started) / .milliseconds(1)))
        }
        if let allow = answer.allow {
            headers[.allow] = allow
            headers[.accessControlAllowMethods] = allow
            headers[.accessControlAllowHeaders] = "Content-Type"
        }
        let body: Response.Body
        switch answer.body {
        case .none: body = .empty
        case .json(let value):
            headers[.contentType] = "application/json; charset=utf-8"
            body = .bytes(value.json)
        case .html(let text):
            headers[.contentType] = "text/html; charset=UTF-8"
            body = .bytes(Array(text.utf8))
        }
        return Response(status: .init(code: answer.status), headers: headers, body: body)
    }
}
