import Rollouts

/// What the laws know of one rollout, from what was saved.
struct Charge {
    var rollout: Rollout
    let upstream: String
    let canary: Set<String>
    /// The largest share that was asked for and not yet confirmed as left, by node.
    var ceilings: [TrafficShare]
    /// When an abort was saved.
    var abortedAt: Duration?
    /// When a pause was saved that forbids to raise.
    var stoppedAt: Duration?

    init(_ rollout: Rollout, nodes: Int) {
        self.rollout = rollout
        upstream = rollout.plan.upstream ?? rollout.name.description
        canary = Set(rollout.plan.canary.targets.map(\.description))
        ceilings = Array(repeating: .none, count: nodes)
    }

    /// The most that the rows may say.
    var ceiling: TrafficShare { ceilings.max() ?? .none }

    mutating func raise(to share: TrafficShare) {
        for index in ceilings.indices { ceilings[index] = max(ceilings[index], share) }
    }

    /// Nil: no target above 0.
    func share(of weights: [String: Int]) -> ExactShare? {
        var canaryWeight = 0
        var stableWeight = 0
        for (address, weight) in weights {
            if canary.contains(address) { canaryWeight += weight } else { stableWeight += weight }
        }
        return ExactShare(canaryWeight: canaryWeight, stableWeight: stableWeight)
    }

    /// The same without what somebody else gets on the upstream.
    func shareOfVersions(_ weights: [String: Int]) -> ExactShare? {
        let stable = Set(rollout.footing?.stableTargets.map(\.description) ?? [])
        return share(of: weights.filter { canary.contains($0.key) || stable.contains($0.key) })
    }

    /// With the 0.05 points by which the plan of weights may miss.
    static func allowed(_ share: TrafficShare) -> ExactShare {
        guard share > .none else { return .none }
        return ExactShare(TrafficShare(basisPoints: min(share.basisPoints + 5, 10_000))!)
    }

    /// Whether these weights give what is asked, to 0.05 points, of what goes to the two versions.
    func gives(_ asked: TrafficShare, _ weights: [String: Int]) -> Bool {
        // Stable may be what somebody else put there, where an abort came before anything of ours.
        if asked == .none { return share(of: weights) == ExactShare.none }
        guard let share = shareOfVersions(weights) else { return false }
        if asked == .all { return share == .all }
        let least = ExactShare(TrafficShare(basisPoints: max(asked.basisPoints - 6, 0))!)
        return share <= Self.allowed(asked) && share >= least && share > .none && share < .all
    }
}

extension Rollout {
    /// False: it ended before anything was looked for in Kong, so there is nothing to take back.
    var hasTouchedKong: Bool {
        footing.map { $0.upstream.isOurs || $0.upstream.id != nil } ?? false
    }
}
