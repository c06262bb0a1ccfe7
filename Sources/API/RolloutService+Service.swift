import HTTPMessage
import HTTPTypes
import JSONText
import Rollouts

/// Calls about the service itself and its gateways.
extension RolloutService {
    func health(_ call: Call) throws(Problem) -> Response {
        _ = try call.query()
        return json(JSONValue.object(["status": "ok"]).encoded())
    }

    /// 503 until the ledger was read and every rollout is followed.
    func readiness(_ call: Call) throws(Problem) -> Response {
        _ = try call.query()
        guard conductor.isReady else { throw .notReady }
        return json(JSONValue.object(["status": "ok"]).encoded())
    }

    func metrics(_ call: Call) throws(Problem) -> Response {
        _ = try call.query()
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/plain; version=0.0.4; charset=utf-8",
                .cacheControl: "no-store",
            ],
            body: .bytes(configuration.metrics()))
    }

    func contract(_ call: Call) throws(Problem) -> Response {
        _ = try call.query()
        return Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "no-cache"],
            body: .bytes(configuration.openAPI))
    }

    func index(_ call: Call) throws(Problem) -> Response {
        _ = try call.query()
        let value: JSONValue = [
            "name": "kong-rollouts", "version": .string(configuration.version),
            "rollouts": "/v1/rollouts", "events": "/v1/events", "gateways": "/v1/gateways",
            "contract": "/openapi.json",
        ]
        return json(value.encoded())
    }

    func gateways(_ call: Call) async throws(Problem) -> Response {
        _ = try call.query()
        let items = await conductor.gateways().map { gateway -> JSONValue in
            [
                "name": .string(gateway.name),
                "reachable": .bool(gateway.nodes.contains { $0.isReachable }),
                "version": Self.text(gateway.nodes.compactMap(\.version).first),
                "database_mode": Self.text(gateway.databaseMode),
                "proxy": Self.text(gateway.proxy),
                "nodes": .array(gateway.nodes.map(Self.node)),
            ]
        }
        return json(JSONValue.object(["items": .array(items)]).encoded())
    }

    private static func node(_ node: GatewayDescription.Node) -> JSONValue {
        [
            "address": .string(node.address), "reachable": .bool(node.isReachable),
            "version": text(node.version), "id": text(node.id),
            "workers": node.workers.map { .number(JSONNumber($0)) } ?? .null,
            "message": text(node.message),
        ]
    }

    private static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
