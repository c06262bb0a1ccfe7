/// What the Admin API says about the live balancer of the node that answers.
extension AdminAPI {
    func upstreamHealth(
        _ upstream: Row, _ text: String, _ request: AdminRequest, _ state: KongState
    ) throws(KongFault) -> AdminAnswer {
        let report = node.health(upstream.id)
        if request.query["balancer_health"] == "1" {
            var answer: Row = ["next": .null, "node_id": .string(node.nodeID)]
            if let report { answer["data"] = .table(report.summary(upstream: upstream.id)) }
            return .ok(answer)
        }
        let rows = state.targets(of: upstream.id).map { report?.completing($0) ?? $0 }
        let path = "/upstreams/\(PercentEncoding.encode(text))/health"
        var answer = try targetPage(rows, at: path, request)
        answer["node_id"] = .string(node.nodeID)
        return .ok(answer)
    }

    func mark(
        _ upstream: Row, _ target: Row, _ address: String?, _ isHealthy: Bool
    ) throws(KongFault) -> AdminAnswer {
        let name = upstream.name ?? upstream.id
        let refusal: KongFault
        do throws(HostAddress.Refusal) {
            let host = try HostAddress(target["target"]?.text ?? "")
            let one = try address.map { text throws(HostAddress.Refusal) in try HostAddress(text) }
            let outcome = node.mark(
                upstream.id, host.bracketed,
                one.map { $0.port ?? 8000 } ?? host.port ?? 8000, one?.bracketed, isHealthy)
            switch outcome {
            case .done: return .noContent
            case .noBalancer: refusal = .refused("Upstream \(name) has no balancer")
            case .noHealthChecker: refusal = .refused("no healthchecker found for \(name)")
            case .noAddress: refusal = .refused("target not found")
            }
        } catch {
            refusal = .notFound
        }
        throw refusal
    }
}

/// What a node says about itself.
enum NodeDescription {
    static let version = "3.9.1"

    static func root(_ node: NodeAccess) -> Row {
        let plugins = Dictionary(
            uniqueKeysWithValues: PluginSchemas.bundled.map { name in
                (name, LuaValue.table(["version": .string(version), "priority": 1]))
            })
        return [
            "version": .string(version), "tagline": "Welcome to kong", "edition": "community",
            "hostname": .string(node.hostname), "node_id": .string(node.nodeID),
            "lua_version": "LuaJIT 2.1.20231117",
            "pids": .table(["master": 1, "workers": .array([2])]),
            "timers": .table(["running": 0, "pending": 1]),
            "plugins": .table([
                "available_on_server": .table(plugins), "enabled_in_cluster": .array([]),
            ]),
            "configuration": .table([
                "database": .string(node.isDBLess ? "off" : "postgres"), "role": "traditional",
                "router_flavor": "traditional_compatible", "worker_consistency": "eventual",
                "worker_state_update_frequency": 5, "db_update_frequency": 5,
                "untrusted_lua": "sandbox",
            ]),
            // Never mistaken for the real thing by whoever looks twice.
            "stand_in": "kong-rollouts sandbox: a stand-in for demo and tests, not Kong Gateway",
        ]
    }

    static func status(_ node: NodeAccess) -> Row {
        var row: Row = [
            "server": .table([
                "connections_accepted": .integer(node.requestsServed),
                "connections_active": 1,
                "connections_handled": .integer(node.requestsServed),
                "connections_reading": 0, "connections_waiting": 0, "connections_writing": 1,
                "total_requests": .integer(node.requestsServed),
            ]),
            "memory": .table([
                "lua_shared_dicts": .table([:]), "workers_lua_vms": .array([]),
            ]),
        ]
        if node.isDBLess {
            row["configuration_hash"] = .string(node.configurationHash)
        } else {
            row["database"] = .table(["reachable": .bool(node.isDatabaseUp)])
        }
        return row
    }
}
