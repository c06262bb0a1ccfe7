import Gateway
import Rollouts

/// Planted: where stable goes to 0 and the canary up, stable goes first. The write that raises
/// the canary is held back, answered as if it had been done, until stable's has taken effect.
struct HastyNode: KongNode {
    private let base: SimulatedNode
    private let kong: SimulatedKong
    private let laws: Laws
    private let held = Held()

    /// `@unchecked Sendable`: only one thread runs at any moment.
    private final class Held: @unchecked Sendable { var write: KongWrite? }

    init(_ base: SimulatedNode, _ kong: SimulatedKong, _ laws: Laws) {
        self.base = base
        self.kong = kong
        self.laws = laws
    }

    var address: String { base.address }
    func facts() async throws(NodeError) -> NodeFacts { try await base.facts() }
    func probe() async throws(NodeError) { try await base.probe() }
    func service(_ key: String) async throws(NodeError) -> ServiceRow? {
        try await base.service(key)
    }
    func services() async throws(NodeError) -> [ServiceRow] { try await base.services() }
    func route(_ key: String) async throws(NodeError) -> RouteRow? { try await base.route(key) }
    func routes() async throws(NodeError) -> [RouteRow] { try await base.routes() }
    func upstream(_ key: String) async throws(NodeError) -> UpstreamRow? {
        try await base.upstream(key)
    }
    func targets(of upstream: String) async throws(NodeError) -> [TargetRow]? {
        try await base.targets(of: upstream)
    }
    func live(of upstream: String) async throws(NodeError) -> [LiveTarget]? {
        try await base.live(of: upstream)
    }
    func plugins(ofRoute route: String) async throws(NodeError) -> [PluginRow]? {
        try await base.plugins(ofRoute: route)
    }
    func plugins() async throws(NodeError) -> [PluginRow] { try await base.plugins() }

    func write(_ write: KongWrite) async throws(NodeError) -> String {
        if let first = held.write {
            held.write = nil
            let id = try await base.write(write)
            _ = try await base.write(first)
            return id
        }
        if case .setWeight(let upstream, _, let weight) = write, weight > 0,
            let target = kong.rows.target(write), let row = kong.rows.upstream(upstream),
            let charge = laws.charge(of: row.name), charge.canary.contains(target.address),
            charge.rollout.wantedShare == .all
        {
            held.write = write
            return target.id
        }
        return try await base.write(write)
    }
}
