/// The weights that give the canary `share`, from what is there; what is already good stays as it
/// is, so that planning again from the result changes nothing.
///
/// The achieved share is at most what was asked and at most 0.05 percentage points below; only
/// where no scale of stable's comes that near from below may it lie above, by as much at most.
/// 0 and 100 % are exact and come only when asked for.
/// - Parameter alongside: the shares of all steps, so that where stable has to be rescaled after
///   all, the new scale serves the steps to come as well.
public func plannedWeights(
    for share: TrafficShare, among targets: [WeighedTarget], alongside steps: [TrafficShare] = []
) throws(WeightPlanError) -> WeightPlan {
    let split = try SplitTargets(targets)
    let wanted: [WeighedTarget]? =
        if share == .none {
            split.withoutCanary
        } else if share == .all {
            split.withoutStable
        } else {
            split.sharing(share, alongside: steps)
        }
    guard let wanted, let plan = WeightPlan(wanted) else {
        throw split.notReachable(share)
    }
    return plan
}

/// The weights an aborted rollout leaves behind: the canary at 0, stable as in the baseline where
/// one is known.
public func restoredWeights(
    among targets: [WeighedTarget]
) throws(WeightPlanError) -> WeightPlan {
    let split = try SplitTargets(targets)
    let baseline = split.stable.map { $0.weighing($0.baselineWeight ?? $0.weight) }
    let stable = baseline.contains { $0.weight > 0 } ? baseline : split.stableAtZeroShare
    let wanted = stable + split.canary.map { $0.weighing(0) }
    guard let plan = WeightPlan(wanted) else { throw split.notReachable(.none) }
    return plan
}

extension SplitTargets {
    /// Rule 1: the canary all 0.
    fileprivate var withoutCanary: [WeighedTarget] {
        stableAtZeroShare + canary.map { $0.weighing(0) }
    }

    /// Rule 1: stable as it is, the baseline if it was taken to 0, and Kong's default weight if it
    /// has none. One target still at 0 that the baseline has above 0 means that an earlier raise
    /// was cut short, so the whole baseline is wanted then too.
    fileprivate var stableAtZeroShare: [WeighedTarget] {
        let isWhole =
            stable.contains { $0.weight > 0 }
            && stable.allSatisfy { $0.weight > 0 || ($0.baselineWeight ?? 0) == 0 }
        if isWhole { return stable }
        let baseline = stable.map { $0.weighing($0.baselineWeight ?? $0.weight) }
        if baseline.contains(where: { $0.weight > 0 }) { return baseline }
        return stable.map { $0.weighing(WeighedTarget.kongDefaultWeight) }
    }

    /// Rule 2: stable all 0; the canary as it is if every target is above 0, else 100 each.
    fileprivate var withoutStable: [WeighedTarget] {
        let isWhole = canary.allSatisfy { $0.weight > 0 }
        return stable.map { $0.weighing(0) }
            + canary.map { isWhole ? $0 : $0.weighing(WeighedTarget.kongDefaultWeight) }
    }

    /// Rules 3 to 6, for a share between 0 and 100 %.
    fileprivate func sharing(
        _ share: TrafficShare, alongside steps: [TrafficShare]
    ) -> [WeighedTarget]? {
        for ratios in ratios {
            for rounding in CanaryMultiplier.Rounding.allCases {
                let search = ratios.search(share, rounding: rounding)
                if let found = unscaled(search) ?? scaled(search, ratios, alongside: steps) {
                    return weighing(
                        stable: ratios.stable.weights(times: found.stable),
                        canary: ratios.canary.weights(times: found.canary))
                }
            }
        }
        return nil
    }

    /// Rules 3 and 4: what is there if it is good, else a write to the canary alone.
    private func unscaled(_ search: CanaryMultiplier) -> (stable: Int, canary: Int)? {
        guard let stable = search.stable.multiplier(in: stable) else { return nil }
        if let present = search.canary.multiplier(in: canary),
            search.isGood(present, with: stable)
        {
            return (stable, present)
        }
        return search.nearest(to: stable).map { (stable, $0) }
    }

    /// Rule 5: stable rescaled, to the scale of all steps if that serves this share too.
    private func scaled(
        _ search: CanaryMultiplier, _ ratios: VersionRatios, alongside steps: [TrafficShare]
    ) -> (stable: Int, canary: Int)? {
        let between = steps.filter { $0 != .none && $0 != .all }
        if !between.isEmpty, let common = ratios.bestScale(for: between)?.stableMultiplier,
            let found = search.nearest(to: common)
        {
            return (common, found)
        }
        return ratios.ownScale(search)
    }

    /// The error for a share out of reach, with the nearest two that are not.
    fileprivate func notReachable(_ share: TrafficShare) -> WeightPlanError {
        let asked = share.basisPoints
        return .notReachable(
            nearestBelow: firstReachable(stride(from: asked - 1, to: 0, by: -1)),
            nearestAbove: firstReachable(stride(from: asked + 1, to: 10_000, by: 1)))
    }

    private func firstReachable(_ candidates: StrideTo<Int>) -> TrafficShare? {
        for basisPoints in candidates {
            guard let share = TrafficShare(basisPoints: basisPoints) else { continue }
            if sharing(share, alongside: []) != nil { return share }
        }
        return nil
    }
}
