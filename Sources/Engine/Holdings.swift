import Rollouts

/// Which rollout that is not ended holds which upstream, service or route.
struct Holdings {
    enum Kind: String { case upstream, service, route }

    struct Key: Hashable {
        let gateway: String
        let kind: Kind
        let name: String
    }

    private var holders: [Key: RolloutName] = [:]
    private var held: [RolloutName: [Key]] = [:]

    init() {}

    /// - Parameter capacity: Rollouts for which there is room at once.
    init(capacity: Int) {
        holders.reserveCapacity(3 * capacity)
        held.reserveCapacity(capacity)
    }

    /// A rollout that is not ended takes what it needs; one that is lets go of it.
    mutating func note(_ rollout: Rollout) {
        if rollout.phase.isEnded {
            release(rollout.name)
        } else {
            take(Self.keys(of: rollout.plan, rollout.footing), for: rollout.name)
        }
    }

    /// The first of `keys` that another rollout holds.
    func conflict(over keys: [Key], for name: RolloutName) -> (holder: RolloutName, key: Key)? {
        for key in keys {
            if let holder = holders[key], holder != name { return (holder, key) }
        }
        return nil
    }

    mutating func take(_ keys: [Key], for name: RolloutName) {
        if let known = held[name] {
            guard known != keys else { return }
            release(name)
        }
        for key in keys { holders[key] = name }
        held[name] = keys
    }

    mutating func release(_ name: RolloutName) {
        for key in held.removeValue(forKey: name) ?? [] where holders[key] == name {
            holders[key] = nil
        }
    }

    /// What a rollout holds: what it stands on, or, before Kong was surveyed, what it named or
    /// would name after itself.
    static func keys(of plan: RolloutPlan, _ footing: Footing?) -> [Key] {
        func key(_ kind: Kind, _ name: String) -> Key {
            Key(gateway: plan.gateway, kind: kind, name: name)
        }
        guard let footing else {
            return [
                key(.upstream, plan.upstream ?? plan.name.description),
                key(.service, plan.service.name ?? plan.name.description),
                key(.route, plan.route.name ?? plan.name.description),
            ]
        }
        return [
            key(.upstream, footing.upstream.name), key(.service, footing.service.name),
            key(.route, footing.route.name),
        ]
    }
}
