internal import Rollouts

/// The fewest writes that bring a route's plugins to what is wanted. Pure. Only ours are changed,
/// and only what carries our tag is taken out.
///
/// - Parameter accepted: plugins as Kong keeps them after they were written as wanted.
func telemetryChanges(
    from sighting: Sighting, to state: GatewayState, accepted: [PluginRow] = []
) -> [Change] {
    guard let plugins = sighting.plugins else { return [] }
    let route = sighting.route.flatMap { $0.id.isEmpty ? nil : $0.id }
    let present = plugins.filter { row in route.map(row.isOf) ?? false }
    switch state.telemetry {
    case .untouched:
        return []
    case .absent:
        return removals(of: present, tags: state.tags)
    case .attached(let wanted):
        guard sighting.route != nil || state.making == .everything else { return [] }
        let key: KongWrite.RouteKey = route.map(KongWrite.Key.id) ?? .name(state.routeName)
        var list: [Change] = []
        for (name, columns) in wanted.wanted {
            let why =
                name == TelemetryPlugins.logName
                ? "The log by which the traffic is judged."
                : "Lua that makes log records small and says which target answered."
            guard let row = present.first(where: { $0.name == name }) else {
                list.append(
                    Change(
                        write: .createPlugin(name: name, route: key, columns, tags: state.tags),
                        why: why))
                continue
            }
            guard row.isOurs, !accepted.contains(row), !row.carries(columns, state.tags) else {
                continue
            }
            list.append(
                Change(
                    write: .updatePlugin(
                        id: row.id, columns, present: row.columns, tags: state.tags),
                    why: why))
        }
        let names = wanted.wanted.map(\.name)
        return list + removals(of: present.filter { !names.contains($0.name) }, tags: state.tags)
    }
}

/// Everything that would be written now, the plugins last.
func allChanges(
    from sighting: Sighting, to state: GatewayState
) throws(WeightPlanError) -> [Change] {
    try changes(from: sighting, to: state) + telemetryChanges(from: sighting, to: state)
}

/// What takes a rollout's plugins out again, the log first: without the function it would be whole.
private func removals(of plugins: [PluginRow], tags: [String]) -> [Change] {
    let ours = plugins.filter { Set(tags).isSubset(of: $0.tags) }
    let ordered =
        ours.filter { $0.name == TelemetryPlugins.logName }
        + ours.filter { $0.name != TelemetryPlugins.logName }
    return ordered.map {
        Change(write: .deletePlugin(id: $0.id), why: "The traffic is no longer judged.")
    }
}

/// Somebody else's plugins in the places that ours need.
func telemetryObstacles(in sighting: Sighting, for state: GatewayState) -> [PluginRow] {
    guard case .attached(let wanted) = state.telemetry, let route = sighting.route,
        let plugins = sighting.plugins
    else { return [] }
    let names = wanted.wanted.map(\.name)
    return plugins.filter { $0.isOf(route.id) && names.contains($0.name) && !$0.isOurs }
}

extension PluginRow {
    fileprivate func carries(_ wanted: PluginColumns, _ tags: [String]) -> Bool {
        let others = self.tags.contains { $0.hasPrefix("rollout:") && !tags.contains($0) }
        return isEnabled && columns == wanted && !others && Set(tags).isSubset(of: self.tags)
    }
}
