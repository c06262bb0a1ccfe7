internal import Rollouts

/// Everything that is read of a Kong before a rollout writes to it for the first time.
struct Surroundings: Hashable, Sendable {
    var facts: NodeFacts
    var route: RouteRow?
    var service: ServiceRow?
    var upstreamName: String
    var upstream: UpstreamRow?
    var targets: [TargetRow] = []
    var live: [LiveTarget] = []
    /// The upstream the service names, where that is another one.
    var otherUpstream: UpstreamRow?
    var otherTargets: [TargetRow] = []
    var services: [ServiceRow] = []
    var routes: [RouteRow] = []
    /// Of every scope; nil: not read, since the traffic is not judged.
    var plugins: [PluginRow]?

    /// What the rollout leaves out is taken from what is there; only what does not exist is named
    /// after the rollout.
    ///
    /// - Parameter withPlugins: whether the traffic shall be judged.
    static func read(
        for plan: RolloutPlan, facts: NodeFacts, from node: any KongNode,
        withPlugins: Bool = false
    ) async throws(NodeError) -> Surroundings {
        let own = plan.name.description
        var found = Surroundings(facts: facts, upstreamName: plan.upstream ?? own)
        found.route = try await node.route(plan.route.name ?? own)
        found.service = try await node.service(plan.service.name ?? found.route?.serviceID ?? own)
        if let host = found.service?.host, let named = try await node.upstream(host) {
            if plan.upstream ?? host == host {
                found.upstreamName = host
                found.upstream = named
            } else {
                found.otherUpstream = named
                found.otherTargets = try await node.targets(of: named.id) ?? []
            }
        }
        if found.upstream == nil { found.upstream = try await node.upstream(found.upstreamName) }
        if let upstream = found.upstream {
            found.targets = try await node.targets(of: upstream.id) ?? []
            found.live = try await node.live(of: upstream.id) ?? []
        }
        found.services = try await node.services()
        found.routes = try await node.routes()
        if withPlugins { found.plugins = try await node.plugins() }
        return found
    }
}
