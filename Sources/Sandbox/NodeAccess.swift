/// What the Admin API asks of the node it answers for.
struct NodeAccess: Sendable {
    let nodeID: String
    let hostname: String
    let isDBLess: Bool
    /// Of all entities that came by `/config`; zeros as long as none did.
    var configurationHash = String(repeating: "0", count: 32)
    var isDatabaseUp = true
    var requestsServed = 0
    /// The live balancer of an upstream; `nil` until it is built.
    var health: @Sendable (_ upstream: String) -> BalancerReport? = { _ in nil }
    /// Sets the health of the addresses of a target.
    var mark: @Sendable (
        _ upstream: String, _ host: String, _ port: Int, _ ip: String?, _ isHealthy: Bool
    ) -> HealthMark = { _, _, _, _, _ in .noBalancer }
}

/// What came of setting somebody's health.
enum HealthMark: Equatable, Sendable {
    case done
    case noBalancer
    /// No health check of the upstream is on.
    case noHealthChecker
    case noAddress
}

/// What one live balancer looks like.
struct BalancerReport: Equatable, Sendable {
    struct Address: Equatable, Sendable {
        let ip: String
        let port: Int
        let weight: Int
        let isAvailable: Bool
    }

    struct Host: Equatable, Sendable {
        /// `host:port`, as the target is written.
        let target: String
        let host: String
        let port: Int
        /// `A`, `AAAA`, or why the name has no address.
        let dns: String
        let weight: Int
        let addresses: [Address]

        var totalWeight: Int { addresses.reduce(0) { $0 + $1.weight } }
        var availableWeight: Int {
            addresses.reduce(0) { $0 + ($1.isAvailable ? $1.weight : 0) }
        }
    }

    /// Oldest target first.
    let hosts: [Host]
    /// Whether any health check of the upstream is on.
    let checksHealth: Bool
    let isHealthy: Bool
}

extension BalancerReport {
    func health(of address: Address) -> String {
        if !checksHealth || address.weight == 0 { return "HEALTHCHECKS_OFF" }
        return address.isAvailable ? "HEALTHY" : "UNHEALTHY"
    }

    /// The row of a target with the keys `health` and `data`.
    func completing(_ target: Row) -> Row {
        var row = target
        guard let host = hosts.first(where: { $0.target == target["target"]?.text }) else {
            row["health"] = "DNS_ERROR"
            return row
        }
        var data = common(host)
        data["addresses"] = host.addresses.isEmpty ? .table([:]) : .array(host.addresses.map {
            .table([
                "ip": .string($0.ip), "port": .integer($0.port), "weight": .integer($0.weight),
                "health": .string(health(of: $0)),
            ])
        })
        row["data"] = .table(data)
        let states = host.addresses.map(health(of:))
        row["health"] =
            if states.isEmpty { "DNS_ERROR" } else if states.contains("HEALTHY") {
                "HEALTHY"
            } else if states.contains("UNHEALTHY") { "UNHEALTHY" } else { "HEALTHCHECKS_OFF" }
        return row
    }

    /// The `data` of `?balancer_health=1`.
    func summary(upstream: String) -> Row {
        let details = hosts.map { host in
            var data = common(host)
            data["addresses"] = host.addresses.isEmpty ? .table([:]) : .array(host.addresses.map {
                .table([
                    "ip": .string($0.ip), "port": .integer($0.port),
                    "weight": .integer($0.weight), "healthy": .bool($0.isAvailable),
                ])
            })
            return LuaValue.table(data)
        }
        let total = hosts.reduce(0) { $0 + $1.totalWeight }
        let available = hosts.reduce(0) { $0 + $1.availableWeight }
        let state = isHealthy ? "HEALTHY" : "UNHEALTHY"
        return [
            "id": .string(upstream),
            "health": .string(checksHealth ? state : "HEALTHCHECKS_OFF"),
            "balancer_health": .string(state),
            "details": .table([
                "healthy": .bool(isHealthy), "weight": weights(total, available),
                "hosts": details.isEmpty ? .table([:]) : .array(details),
            ]),
        ]
    }

    private func common(_ host: Host) -> Row {
        [
            "host": .string(host.host), "port": .integer(host.port), "dns": .string(host.dns),
            "nodeWeight": .integer(host.weight),
            "weight": weights(host.totalWeight, host.availableWeight),
        ]
    }

    private func weights(_ total: Int, _ available: Int) -> LuaValue {
        .table([
            "total": .integer(total), "available": .integer(available),
            "unavailable": .integer(total - available),
        ])
    }
}
