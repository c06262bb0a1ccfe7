import Rollouts
import Synchronization

@testable import Gateway

/// One node of a ``FakeKong``.
struct FakeNode: KongNode {
    let kong: FakeKong
    let index: Int

    var address: String { "http://node\(index)" }

    private func call<Value>(
        isWrite: Bool, ofPlugins: Bool = false,
        _ body: (inout FakeKong.State) throws(NodeError) -> Value
    ) async throws(NodeError) -> Value {
        await Task.yield()
        kong.tick()
        while kong.state.withLock({ state in
            if ofPlugins, state.hangsPlugins { state.isHangingNow = true }
            return state.nodes[index].isHanging || ofPlugins && state.hangsPlugins
        }) {
            await Task.yield()
            if Task.isCancelled { throw .unavailable("cancelled", isPerhapsApplied: true) }
        }
        let fault = kong.fault(index, isWrite)
        return try kong.state.withLock { state throws(NodeError) in
            state.calls += 1
            state.trace.append(isWrite)
            if state.nodes[index].isDown {
                throw .unavailable("connection refused", isPerhapsApplied: false)
            }
            switch fault {
            case .unreachable: throw .unavailable("connection refused", isPerhapsApplied: false)
            case .lostBefore: throw .unavailable("time-out", isPerhapsApplied: true)
            case .server: throw .unavailable("500", isPerhapsApplied: true)
            case .refused: throw .refused("schema violation")
            case .lostAfter:
                _ = try body(&state)
                throw .unavailable("time-out", isPerhapsApplied: true)
            case nil: return try body(&state)
            }
        }
    }

    func facts() async throws(NodeError) -> NodeFacts {
        try await call(isWrite: false) { $0.facts }
    }

    func probe() async throws(NodeError) { try await call(isWrite: false) { _ in } }

    func service(_ key: String) async throws(NodeError) -> ServiceRow? {
        try await call(isWrite: false) { $0.services.first { $0.id == key || $0.name == key } }
    }

    func services() async throws(NodeError) -> [ServiceRow] {
        try await call(isWrite: false) { $0.services }
    }

    func route(_ key: String) async throws(NodeError) -> RouteRow? {
        try await call(isWrite: false) { $0.routes.first { $0.id == key || $0.name == key } }
    }

    func routes() async throws(NodeError) -> [RouteRow] {
        try await call(isWrite: false) { $0.routes }
    }

    func upstream(_ key: String) async throws(NodeError) -> UpstreamRow? {
        try await call(isWrite: false) { $0.upstreams.first { $0.id == key || $0.name == key } }
    }

    func targets(of upstream: String) async throws(NodeError) -> [TargetRow]? {
        try await call(isWrite: false) { $0.targets[upstream] }
    }

    func live(of upstream: String) async throws(NodeError) -> [LiveTarget]? {
        try await call(isWrite: false) { state in
            guard let rows = state.targets[upstream] else { return nil }
            return rows.map { row in
                LiveTarget(
                    address: row.address, weight: state.nodes[index].live[upstream]?[row.address],
                    addresses: state.addresses[row.address] ?? ["10.0.0.\(index):80"],
                    health: state.unresolved.contains(row.address)
                        ? .unresolved
                        : state.unhealthy.contains(row.address) ? .unhealthy : .serving)
            }
        }
    }

    func plugins(ofRoute route: String) async throws(NodeError) -> [PluginRow]? {
        try await call(isWrite: false) { state in
            guard state.routes.contains(where: { $0.id == route }) else { return nil }
            return state.plugins.filter { $0.routeID == route }
        }
    }

    func plugins() async throws(NodeError) -> [PluginRow] {
        try await call(isWrite: false) { $0.plugins }
    }

    func write(_ write: KongWrite) async throws(NodeError) -> String {
        try await call(isWrite: true, ofPlugins: write.isOfPlugins) { state throws(NodeError) in
            let id = try state.apply(write)
            state.writes.append(write)
            state.writesThrough.append(index)
            if state.nodes[index].stuckFor > 0 {
                state.nodes[index].stuckFor -= 1
            } else {
                state.sync(index)
            }
            for other in state.nodes.indices where other != index {
                guard state.nodes[other].stuckFor == 0 else { continue }
                state.nodes[other].readsTheDatabaseAt =
                    state.nodes[other].readsTheDatabaseAt ?? (kong.now() + kong.lag)
            }
            return id
        }
    }
}
