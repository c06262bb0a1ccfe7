import Rollouts
import Synchronization
import Testing

@testable import Gateway

/// What was on its way to one node when an abort was saved arrives last, or never.
@Suite struct LateCopyTests {
    @Test func `a raise that arrives late never weighs more than what was left`() async {
        let world = World(nodes: 2)
        world.kong.upstream("ml-upstream", [("v6:80", 100)])
        world.kong.service("ml-service", host: "ml-upstream")
        world.kong.route("ml-route", service: "ml-service")
        let limits = Limits(world)
        await world.source.observe { rollout, report in limits.saw(rollout, report) }
        let late = LateNode(world.kong.nodes[1]) { write in
            guard case .setWeight(_, let target, let weight) = write else { return false }
            return weight > 0 && world.kong.read(\.canaryIDs).contains(target)
        }
        let nodes: [any KongNode] = [world.kong.nodes[0], late]
        let site = Site(
            GatewayConfiguration(name: "default", nodes: nodes), clock: world.site.clock,
            source: world.source, roster: NodeRoster(nodes), log: { _ in })
        await world.create(World.plan(steps: [33]))
        let cause = Cause(by: "ci", reason: .requested, message: "", at: world.time.timestamp)
        await world.source.interrupt {
            late.takeFirstHold() ? .command(.abort(cause)) : nil
        }
        let follower = Follower(world.name, on: site)
        for _ in 0..<60 {
            await world.once(follower)
            let weights = world.kong.weights("ml-upstream")
            if weights["v7:80"] == 0, weights["v6:80"] == 100, late.isHolding { break }
        }
        #expect(await world.rollout.phase.name == .aborting)
        late.release()
        #expect(await world.drive(follower, to: .aborted))
        #expect(world.kong.read(\.violations) == [])
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 100, "v7:80": 0])
    }

    @Test func `what takes stable to 0 is cut off before the canary goes`() async {
        let world = World(nodes: 2)
        world.kong.upstream("ml-upstream", [("v6:80", 100)])
        world.kong.service("ml-service", host: "ml-upstream")
        world.kong.route("ml-route", service: "ml-service")
        let late = LateNode(world.kong.nodes[1], mayBeCut: true) { write in
            guard case .setWeight(_, let target, 0) = write else { return false }
            return !world.kong.read(\.canaryIDs).contains(target)
        }
        let nodes: [any KongNode] = [world.kong.nodes[0], late]
        let site = Site(
            GatewayConfiguration(name: "default", nodes: nodes), clock: world.site.clock,
            source: world.source, roster: NodeRoster(nodes), log: { _ in })
        await world.create(World.plan(steps: [50]))
        let follower = Follower(world.name, on: site)
        #expect(await world.drive(follower, to: .holding))
        let cause = Cause(by: "ci", reason: .requested, message: "", at: world.time.timestamp)
        await world.source.interrupt { late.takeFirstHold() ? .command(.abort(cause)) : nil }
        await world.source.apply(.command(.promote), to: world.name)
        for _ in 0..<60 {
            await world.once(follower)
            if world.kong.weights("ml-upstream")["v7:80"] == 0 { break }
        }
        late.release()
        #expect(await world.drive(follower, to: .aborted))
        #expect(world.kong.read(\.violations) == [])
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 100, "v7:80": 0])
    }
}

/// Holds back the first write of a kind until it is released.
private final class LateNode: KongNode {
    private struct State {
        var isHolding = false
        var isTold = false
        var isOver = false
    }

    private let base: any KongNode
    private let mayBeCut: Bool
    private let isMeant: @Sendable (KongWrite) -> Bool
    private let state = Mutex(State())

    /// - Parameter mayBeCut: a write whose caller gave up is never carried out; else it is.
    init(
        _ base: any KongNode, mayBeCut: Bool = false,
        _ isMeant: @escaping @Sendable (KongWrite) -> Bool
    ) {
        self.base = base
        self.mayBeCut = mayBeCut
        self.isMeant = isMeant
    }

    var isHolding: Bool { state.withLock { $0.isHolding && !$0.isOver } }

    /// True once, when a write is held.
    func takeFirstHold() -> Bool {
        state.withLock { state in
            guard state.isHolding, !state.isTold else { return false }
            state.isTold = true
            return true
        }
    }

    func release() { state.withLock { $0.isOver = true } }

    func write(_ write: KongWrite) async throws(NodeError) -> String {
        if isMeant(write) {
            let isFirst = state.withLock { state in
                defer { state.isHolding = true }
                return !state.isHolding
            }
            while isFirst, state.withLock({ !$0.isOver }) {
                await Task.yield()
                if mayBeCut, Task.isCancelled {
                    throw .unavailable("cancelled", isPerhapsApplied: true)
                }
            }
        }
        return try await base.write(write)
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
}

extension FakeKong.State {
    fileprivate var canaryIDs: Set<String> {
        Set(targets.values.joined().filter { canaries.contains($0.address) }.map(\.id))
    }
}
