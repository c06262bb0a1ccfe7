internal import Rollouts

/// Which targets are whose, and in which ratio they stood before the first write.
struct VersionSides: Hashable, Sendable {
    /// Addresses, in the form of `TargetAddress`.
    let stable: [String]
    let canary: [String]
    private let baselines: [String: Int]

    init(plan: RolloutPlan, footing: Footing) {
        stable = footing.stableTargets.map(\.description)
        canary = plan.canary.targets.map(\.description)
        let known = Dictionary(
            footing.baseline.map { ($0.address.description, $0.weight) },
            uniquingKeysWith: { first, _ in first })
        var baselines: [String: Int] = [:]
        let usual = stable.compactMap { known[$0] }.max() ?? 0
        for address in stable {
            baselines[address] =
                known[address] ?? (usual > 0 ? usual : WeighedTarget.kongDefaultWeight)
        }
        // A canary left over at 0 says nothing about the ratio it shall have now.
        let isWhole = canary.allSatisfy { known[$0] ?? 0 > 0 }
        for address in canary {
            baselines[address] =
                isWhole ? known[address] : WeighedTarget.kongDefaultWeight
        }
        self.baselines = baselines
    }

    func side(of address: String) -> VersionSide? {
        if canary.contains(address) { return .canary }
        return stable.contains(address) ? .stable : nil
    }

    func baseline(of address: String) -> Int {
        baselines[address] ?? WeighedTarget.kongDefaultWeight
    }

    /// The rows of both versions as the planner of weights wants them.
    /// - Parameter all: what is not in Kong yet too, at weight 0.
    func weighed(
        _ rows: [TargetRow], live: [LiveTarget] = [], all: Bool = false
    ) -> [WeighedTarget] {
        let counts = Dictionary(
            live.map { ($0.address, $0.addressCount) }, uniquingKeysWith: { first, _ in first })
        return weighed(rows, addressCounts: counts, all: all)
    }

    func weighed(
        _ rows: [TargetRow], addressCounts: [String: Int], all: Bool = false
    ) -> [WeighedTarget] {
        let weights = Dictionary(
            rows.map { ($0.address, $0.weight) }, uniquingKeysWith: { first, _ in first })
        return (stable.map { ($0, VersionSide.stable) } + canary.map { ($0, .canary) })
            .compactMap { address, side in
                guard let weight = weights[address] ?? (all ? 0 : nil) else { return nil }
                return WeighedTarget(
                    address: address, side: side, weight: weight,
                    addressCount: min(max(addressCounts[address] ?? 1, 1), 10_000),
                    baselineWeight: baseline(of: address))
            }
    }
}
