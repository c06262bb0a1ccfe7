/// The targets of an upstream by version.
struct SplitTargets {
    let stable: [WeighedTarget]
    let canary: [WeighedTarget]

    init(_ targets: [WeighedTarget]) throws(WeightPlanError) {
        stable = targets.filter { $0.side == .stable }
        canary = targets.filter { $0.side == .canary }
        guard !stable.isEmpty else { throw .noStableTarget }
        guard !canary.isEmpty else { throw .noCanaryTarget }
    }

    /// The ratios to plan with: the operator's own, and only then the rounded ones (rule 6).
    var ratios: [VersionRatios] {
        let own = VersionRatios(
            stable: WeightRatio(of: stable), canary: WeightRatio(of: canary))
        let coarse = VersionRatios(stable: own.stable.coarser, canary: own.canary.coarser)
        let same = own.stable == coarse.stable && own.canary == coarse.canary
        return same ? [own] : [own, coarse]
    }

    func weighing(stable: [Int], canary: [Int]) -> [WeighedTarget] {
        zip(self.stable, stable).map { $0.weighing($1) }
            + zip(self.canary, canary).map { $0.weighing($1) }
    }
}
