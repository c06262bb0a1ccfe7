/// The writes from what is there to the plan, in the order in which no prefix gives the canary more
/// than the larger of the old and the new share, and none leaves all targets at 0.
///
/// Raise stable, lower canary, raise canary, lower stable: the share first only falls, then only
/// rises. An abort is this order too: the canary goes to 0 first, unless stable stands at 0 and
/// must be raised before. While stable is and stays at 0, where the share is 100 % throughout, the
/// canary's targets are raised before others are lowered, so that one of them is always above 0.
///
/// Several stable targets are raised and lowered in rounds that at most double a weight
/// (``rescalingRounds(from:to:)``), so a target may occur more than once; `from` follows suit.
public func orderedWrites(
    from present: [WeighedTarget], to plan: WeightPlan
) -> [WeightWrite] {
    let stable = present.filter { $0.side == .stable }
    let canary = present.filter { $0.side == .canary }
    let stableRounds = rescalingRounds(from: stable, to: plan.weights).joined()
    let canaryWrites = canary.compactMap { $0.write(to: plan.weights[$0.address]) }
    let lowered = canaryWrites.filter { !$0.raises }
    let raised = canaryWrites.filter(\.raises)
    let staysAtZero = stable.allSatisfy { ($0.weight, plan.weights[$0.address] ?? 0) == (0, 0) }
    return stableRounds.filter(\.raises)
        + (staysAtZero ? raised + lowered : lowered + raised)
        + stableRounds.filter { !$0.raises }
}

/// Rescales targets of one version round by round, each at most doubling or halving a weight:
/// between two writes of a round no target gets more than twice its part. A weight that comes from
/// 0 or goes to 0 does so at once, and a single target needs no rounds.
public func rescalingRounds(
    from present: [WeighedTarget], to weights: [String: Int]
) -> [[WeightWrite]] {
    let moving = present.filter { weights[$0.address].map { $0 > 0 } ?? ($0.weight > 0) }
    guard moving.count > 1 else {
        let writes = present.compactMap { $0.write(to: weights[$0.address]) }
        return writes.isEmpty ? [] : [writes]
    }
    var rounds: [[WeightWrite]] = []
    var current = present
    while true {
        let writes = current.compactMap { target in
            target.write(to: weights[target.address].map { target.weight.halfway(to: $0) })
        }
        guard !writes.isEmpty else { return rounds }
        rounds.append(writes)
        for write in writes { current = write.applied(to: current) }
    }
}

extension WeighedTarget {
    /// `nil` when there is nothing to change.
    fileprivate func write(to wanted: Int?) -> WeightWrite? {
        guard let wanted, wanted != weight else { return nil }
        return WeightWrite(address: address, side: side, from: weight, to: wanted)
    }
}

extension Int {
    /// One round nearer to `goal`: doubled on the way up, on the way down the smallest doubling of
    /// the goal that is at least half of this. Targets in one ratio so stay in it after each round.
    fileprivate func halfway(to goal: Int) -> Int {
        if self == 0 || goal == 0 { return goal }
        if self < goal { return Swift.min(self * 2, goal) }
        var step = goal
        while step * 2 < self { step *= 2 }
        return step
    }
}
