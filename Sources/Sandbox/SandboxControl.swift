internal import Synchronization

/// What the sandbox has beside Kong's Admin API, under `/sandbox`: its models, and faults to order.
///
/// - `GET /sandbox`: what this is.
/// - `GET /sandbox/models`, `GET|PATCH|PUT /sandbox/models/{name}`: counts and behaviour; see
///   ``ModelControl``.
/// - `GET /sandbox/logs`: what became of the records of each node's `http-log` plugins.
/// - `PATCH /sandbox/database`: `{"up": false}` takes the database of all nodes away.
/// - `PATCH /sandbox/nodes/{index}`: `{"missed_rebuilds": 1}` leaves a node at its old weights.
final class SandboxControl: Sendable {
    private struct Parts {
        var models: [ModelServer] = []
        var nodes: [KongNode] = []
        var logs: [LogQueues<LogEntry>] = []
    }

    private let database: SharedDatabase
    private let parts = Mutex(Parts())

    init(database: SharedDatabase) { self.database = database }

    func add(models: [ModelServer], nodes: [KongNode]) {
        parts.withLock { parts in
            parts.models += models
            parts.nodes += nodes
        }
    }

    func add(logs: [LogQueues<LogEntry>]) { parts.withLock { $0.logs += logs } }

    func answer(_ request: AdminRequest) async -> AdminAnswer {
        let (models, nodes, logs) = parts.withLock { ($0.models, $0.nodes, $0.logs) }
        switch (request.method, request.path.count, request.path.dropFirst().first) {
        case ("GET", 1, _):
            return .ok([
                "message": "A stand-in for Kong Gateway, for demo and tests. Not for production.",
                "models": .array(models.map { .string($0.name) }),
                "nodes": .integer(nodes.count),
            ])
        case ("GET", 2, "models"):
            return .ok(["data": .array(models.map { .table(ModelControl.row($0)) })])
        case (_, 3, "models"):
            guard let model = models.first(where: { $0.name == request.path[2] }) else {
                return .fault(.notFound)
            }
            return await ModelControl.answer(request.method, Self.body(request), model)
        case ("GET", 2, "logs"):
            return .ok(["data": .array(logs.map { .table(Self.row($0.tally)) })])
        case ("PATCH", 2, "database"):
            guard let up = Self.body(request)["up"]?.flag else {
                return .fault(.schemaViolation(["up": "expected a boolean"]))
            }
            database.isUp = up
            return .ok(["up": .bool(up)])
        case ("PATCH", 3, "nodes"):
            guard let index = Int(request.path[2]), nodes.indices.contains(index) else {
                return .fault(.notFound)
            }
            guard let count = Self.body(request)["missed_rebuilds"]?.integer, count >= 0 else {
                return .fault(.schemaViolation(["missed_rebuilds": "expected an integer"]))
            }
            nodes[index].missRebuilds(count)
            return .ok(["missed_rebuilds": .integer(count)])
        default: return .fault(.notFound)
        }
    }

    private static func body(_ request: AdminRequest) -> Row {
        LuaValue(json: request.body)?.table ?? [:]
    }

    private static func row(_ tally: LogTally) -> Row {
        [
            "posts": .integer(tally.posts), "delivered": .integer(tally.delivered),
            "failed_posts": .integer(tally.failedPosts), "dropped": .integer(tally.dropped),
            "lost": .integer(tally.lost),
        ]
    }
}
