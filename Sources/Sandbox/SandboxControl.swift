internal import Synchronization

/// What the sandbox has beside Kong's Admin API, under `/sandbox`: its models, and faults to order.
///
/// - `GET /sandbox`: what this is.
/// - `GET /sandbox/models`, `GET|PATCH /sandbox/models/{name}`: counts and behaviour; a PATCH takes
///   `error_rate` (0...1), `latency_ms` (0...60000) and `reset` (true: count from nothing).
/// - `PATCH /sandbox/database`: `{"up": false}` takes the database of all nodes away.
/// - `PATCH /sandbox/nodes/{index}`: `{"missed_rebuilds": 1}` leaves a node at its old weights.
final class SandboxControl: Sendable {
    private struct Parts {
        var models: [ModelServer] = []
        var nodes: [KongNode] = []
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

    func answer(_ request: AdminRequest) -> AdminAnswer {
        let (models, nodes) = parts.withLock { ($0.models, $0.nodes) }
        switch (request.method, request.path.count, request.path.dropFirst().first) {
        case ("GET", 1, _):
            return .ok([
                "message": "A stand-in for Kong Gateway, for demo and tests. Not for production.",
                "models": .array(models.map { .string($0.name) }),
                "nodes": .integer(nodes.count),
            ])
        case ("GET", 2, "models"):
            return .ok(["data": .array(models.map { .table(Self.row($0)) })])
        case ("GET", 3, "models"), ("PATCH", 3, "models"):
            guard let model = models.first(where: { $0.name == request.path[2] }) else {
                return .fault(.notFound)
            }
            return request.method == "GET" ? .ok(Self.row(model)) : change(model, request)
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

    private func change(_ model: ModelServer, _ request: AdminRequest) -> AdminAnswer {
        let body = Self.body(request)
        var behaviour = model.behaviour
        if let value = body["error_rate"] {
            guard let rate = value.double, (0...1).contains(rate) else {
                return .fault(.schemaViolation(["error_rate": "expected a number 0...1"]))
            }
            behaviour.errorRate = rate
        }
        if let value = body["latency_ms"] {
            guard let time = value.double, (0...60_000).contains(time) else {
                return .fault(.schemaViolation(["latency_ms": "expected a number 0...60000"]))
            }
            behaviour.latency = .milliseconds(time)
        }
        model.behaviour = behaviour
        if body["reset"]?.flag == true { model.resetCounts() }
        return .ok(Self.row(model))
    }

    private static func body(_ request: AdminRequest) -> Row {
        LuaValue(json: request.body)?.table ?? [:]
    }

    private static func row(_ model: ModelServer) -> Row {
        let (counts, behaviour) = (model.counts, model.behaviour)
        return [
            "name": .string(model.name), "target": .string(model.target),
            "port": .integer(model.port), "requests": .integer(counts.requests),
            "errors": .integer(counts.errors), "error_rate": .number(behaviour.errorRate),
            "latency_ms": .number(behaviour.latency / .milliseconds(1)),
        ]
    }
}
