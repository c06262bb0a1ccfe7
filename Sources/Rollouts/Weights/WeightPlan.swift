/// The weights all targets of both versions shall have.
public struct WeightPlan: Hashable, Sendable {
    /// By address; every target that was given is named, also those that stay as they are.
    public let weights: [String: Int]
    /// The share these weights give the canary.
    public let achieved: ExactShare

    /// `nil` when all weights would be 0, which Kong answers with 503 for everybody.
    init?(_ targets: [WeighedTarget]) {
        guard let achieved = share(of: targets) else { return nil }
        self.achieved = achieved
        weights = Dictionary(
            targets.map { ($0.address, $0.weight) }, uniquingKeysWith: { _, last in last })
    }

    /// The targets as they are once the plan is carried out.
    public func applied(to targets: [WeighedTarget]) -> [WeighedTarget] {
        targets.map { $0.weighing(weights[$0.address] ?? $0.weight) }
    }
}

/// Why no weights give a share.
public enum WeightPlanError: Error, Hashable, Sendable {
    /// No weights within Kong's limits come within 0.05 percentage points. The two shares are the
    /// nearest that can be reached, 0 and 100 % apart; `nil` where there is none on that side.
    case notReachable(nearestBelow: TrafficShare?, nearestAbove: TrafficShare?)
    case noStableTarget
    case noCanaryTarget
}
