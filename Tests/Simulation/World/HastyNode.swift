import Gateway
import Rollouts

/// Planted: what must come first comes second. A write that is held back is answered as if it had
/// been done.
struct HastyNode: KongNode {
    enum Haste: Sendable {
        /// Where stable goes to 0 and the canary up, stable goes first.
        case stable
        /// A service names its upstream before stable's targets are there.
        case service
        /// The canary is raised before the service is led through the upstream.
        case canary
    }

    private let base: SimulatedNode
    private let kong: SimulatedKong
    private let laws: Laws
    private let haste: Haste
    private let held = Held()

    /// `@unchecked Sendable`: only one thread runs at any moment.
    private final class Held: @unchecked Sendable { var writes: [KongWrite] = [] }

    init(_ base: SimulatedNode, _ kong: SimulatedKong, _ laws: Laws, _ haste: Haste) {
        self.base = base
        self.kong = kong
        self.laws = laws
        self.haste = haste
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
        switch haste {
        case .stable:
            guard held.writes.isEmpty else { return try await writeWithHeld(write) }
            if let target = raised(by: write) {
                held.writes.append(write)
                return target.id
            }
        case .service:
            if case .createService = write { return try await writeWithHeld(write) }
            if case .createTarget(let upstream, let address, let weight, _) = write, weight > 0,
                !kong.rows.services.contains(where: { $0.host == upstream })
            {
                held.writes.append(write)
                return address
            }
        case .canary:
            if case .updateService(_, let patch) = write, let host = patch.host,
                let charge = laws.charge(of: host)
            {
                for address in charge.canary.sorted() {
                    _ = try await base.write(
                        .setWeight(upstream: host, target: address, weight: 100))
                }
            }
        }
        return try await base.write(write)
    }

    private func writeWithHeld(_ write: KongWrite) async throws(NodeError) -> String {
        let late = held.writes
        held.writes = []
        let id = try await base.write(write)
        for write in late { _ = try await base.write(write) }
        return id
    }

    /// The canary that a promotion's write raises.
    private func raised(by write: KongWrite) -> TargetRow? {
        guard case .setWeight(let upstream, _, let weight) = write, weight > 0,
            let target = kong.rows.target(write), let row = kong.rows.upstream(upstream),
            let charge = laws.charge(of: row.name), charge.canary.contains(target.address),
            charge.rollout.wantedShare == .all
        else { return nil }
        return target
    }
}
