import Rollouts

/// Which rollouts that are not drained use which upstream, so that nobody takes out what another
/// still names.
struct UpstreamUsers {
    private var users: [Holdings.Key: Set<RolloutName>] = [:]
    private var keys: [RolloutName: Holdings.Key] = [:]

    init() {}

    /// - Parameter capacity: Rollouts for which there is room at once.
    init(capacity: Int) {
        users.reserveCapacity(capacity)
        keys.reserveCapacity(capacity)
    }

    mutating func note(_ rollout: Rollout) {
        guard !rollout.isDrained else { return forget(rollout.name) }
        let key = Holdings.Key(
            gateway: rollout.plan.gateway, kind: .upstream,
            name: rollout.footing?.upstream.name ?? rollout.plan.upstream
                ?? rollout.name.description)
        if let known = keys[rollout.name] {
            guard known != key else { return }
            forget(rollout.name)
        }
        users[key, default: []].insert(rollout.name)
        keys[rollout.name] = key
    }

    mutating func forget(_ name: RolloutName) {
        guard let key = keys.removeValue(forKey: name) else { return }
        users[key]?.remove(name)
        if users[key]?.isEmpty == true { users[key] = nil }
    }

    func names(gateway: String, upstream: String) -> Set<RolloutName> {
        users[Holdings.Key(gateway: gateway, kind: .upstream, name: upstream)] ?? []
    }
}
