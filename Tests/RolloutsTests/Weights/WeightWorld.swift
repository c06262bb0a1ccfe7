import Rollouts
import Testing

/// Names and numbers the tests of weights share.
enum World {
    static func share(_ basisPoints: Int) throws -> TrafficShare {
        try #require(TrafficShare(basisPoints: basisPoints))
    }

    /// Targets of one version, `v0`, `v1`, …
    static func targets(
        _ side: VersionSide, _ weights: [Int], addresses: [Int] = [], baseline: [Int]? = nil
    ) throws -> [WeighedTarget] {
        try weights.enumerated().map { index, weight in
            try #require(
                WeighedTarget(
                    address: "\(side.rawValue)\(index):80", side: side, weight: weight,
                    addressCount: addresses.isEmpty ? 1 : addresses[index],
                    baselineWeight: baseline?[index]))
        }
    }

    static func weights(
        _ plan: WeightPlan, _ side: VersionSide, _ targets: [WeighedTarget]
    ) -> [Int] {
        targets.filter { $0.side == side }.map { plan.weights[$0.address] ?? -1 }
    }

    /// Slots of Kong's wheel: all effective weights over their greatest common divisor.
    static func wheel(_ targets: [WeighedTarget]) -> Int {
        var divisor = 0
        var sum = 0
        for target in targets {
            var (left, right) = (divisor, target.weight)
            while right != 0 { (left, right) = (right, left % right) }
            divisor = left
            sum += target.effectiveWeight
        }
        return divisor == 0 ? 0 : sum / divisor
    }

    /// Whether two lists stand in the same ratio.
    static func sameRatio(_ one: [Int], _ other: [Int]) -> Bool {
        for left in one.indices {
            for right in one.indices where one[left] * other[right] != one[right] * other[left] {
                return false
            }
        }
        return true
    }
}
