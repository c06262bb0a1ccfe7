public import KongAdmin
internal import Rollouts

/// A node behind its Admin API.
public struct AdminNode: KongNode {
    private let client: AdminClient

    public init(_ client: AdminClient) { self.client = client }

    public var address: String { client.endpoint.url }

    public func facts() async throws(NodeError) -> NodeFacts {
        let node = try await asking { () throws(AdminError) in try await client.node() }
        let database =
            switch node.databaseMode {
            case .postgres: "postgres"
            case .off: "off"
            case .other(let name): name
            }
        return NodeFacts(
            version: node.version, id: node.nodeID, workers: node.workerCount, database: database,
            role: node.role)
    }

    public func probe() async throws(NodeError) {
        _ = try await asking { () throws(AdminError) in
            try await client.send(.upstreams(page: Page(size: 1)))
        }
    }

    public func service(_ key: String) async throws(NodeError) -> ServiceRow? {
        try await asking { () throws(AdminError) in try await client.service(key) }
            .map(ServiceRow.init)
    }

    public func services() async throws(NodeError) -> [ServiceRow] {
        try await asking { () throws(AdminError) in try await client.services() }
            .map(ServiceRow.init)
    }

    public func route(_ key: String) async throws(NodeError) -> RouteRow? {
        try await asking { () throws(AdminError) in try await client.route(key) }
            .map(RouteRow.init)
    }

    public func routes() async throws(NodeError) -> [RouteRow] {
        try await asking { () throws(AdminError) in try await client.routes() }
            .map(RouteRow.init)
    }

    public func upstream(_ key: String) async throws(NodeError) -> UpstreamRow? {
        try await asking { () throws(AdminError) in try await client.upstream(key) }
            .map(UpstreamRow.init)
    }

    public func targets(of upstream: String) async throws(NodeError) -> [TargetRow]? {
        try await asking { () throws(AdminError) in try await client.targets(of: upstream) }?
            .map(TargetRow.init)
    }

    public func live(of upstream: String) async throws(NodeError) -> [LiveTarget]? {
        try await asking { () throws(AdminError) in
            try await client.health(of: upstream, freshConnection: true)
        }?.targets.map(LiveTarget.init)
    }

    public func plugins(ofRoute route: String) async throws(NodeError) -> [PluginRow]? {
        try await asking { () throws(AdminError) in try await client.plugins(ofRoute: route) }?
            .map(PluginRow.init)
    }

    public func plugins() async throws(NodeError) -> [PluginRow] {
        try await asking { () throws(AdminError) in try await client.plugins() }
            .map(PluginRow.init)
    }

    public func write(_ write: KongWrite) async throws(NodeError) -> String {
        let call = write.call
        guard let method = AdminCall.Method(rawValue: call.method) else {
            throw .refused("\(call.method) is no method of the Admin API")
        }
        let answer = try await asking { () throws(AdminError) in
            try await client.send(AdminCall(method, call.path, body: call.body))
        }
        return Identified(answer.body).id
    }

    private func asking<Value>(
        _ call: () async throws(AdminError) -> Value
    ) async throws(NodeError) -> Value {
        do throws(AdminError) {
            return try await call()
        } catch {
            throw NodeError(error)
        }
    }
}

extension NodeError {
    init(_ error: AdminError) {
        let text = "\(error)"
        switch error {
        case .refused(let refusal):
            if refusal.isNotFound {
                self = .missing(text)
            } else if refusal.isConflict {
                self = .conflict(text)
            } else {
                self = .refused(text)
            }
        case .unauthorized, .forbidden:
            self = .refused(text)
        case .throttled, .unreachable:
            self = .unavailable(text, isPerhapsApplied: false)
        case .lost, .server, .unreadable, .limitExceeded:
            self = .unavailable(text, isPerhapsApplied: true)
        }
    }
}
