/// The weights of stable's targets from which the canary reaches the shares of a plan by writes to
/// the canary alone (rules 5 and 6). To be set while the canary is at 0.
public struct StableScale: Hashable, Sendable {
    /// Stable's targets by address.
    public let weights: [String: Int]
    /// Whether every share can be reached without touching stable again. Otherwise those that
    /// cannot are reached by rescaling on the way, at the price of a short dip.
    public let servesAll: Bool
}

/// One scale of stable's weights for all steps together: the present one where it already serves
/// them all, else the one that reaches most of them, and most of them exactly.
/// 0 and 100 % need no scale and are ignored.
///
/// Stable targets that are all at 0 (an upstream about to be made) get a scale as well: give them
/// with weight 0 and create them with what comes back.
public func stableScale(
    for shares: [TrafficShare], among targets: [WeighedTarget]
) throws(WeightPlanError) -> StableScale {
    let split = try SplitTargets(targets)
    let asked = shares.filter { $0 != .none && $0 != .all }
    for share in asked { _ = try plannedWeights(for: share, among: targets, alongside: shares) }
    var best: (scale: ScaledRatios, served: Int)?
    for ratios in split.ratios {
        if let present = ratios.stable.multiplier(in: split.stable) {
            let kept = ScaledRatios(ratios: ratios, stableMultiplier: present)
            if kept.score(for: asked).served == asked.count {
                best = (kept, asked.count)
                break
            }
        }
        guard let scaled = ratios.bestScale(for: asked) else { continue }
        let served = scaled.score(for: asked).served
        if served > best?.served ?? -1 { best = (scaled, served) }
        if served == asked.count { break }
    }
    guard let best else { throw .notReachable(nearestBelow: nil, nearestAbove: nil) }
    let weights = best.scale.stableWeights
    return StableScale(
        weights: Dictionary(
            zip(split.stable.map(\.address), weights), uniquingKeysWith: { _, last in last }),
        servesAll: best.served == asked.count)
}
