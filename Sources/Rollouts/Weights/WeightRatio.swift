/// In which ratio the targets of one version stand: small whole parts without a common divisor.
/// The weights of the version are these parts times one multiplier.
struct WeightRatio: Equatable {
    /// The sum a ratio is rounded to when it is too fine for any share (rule 6).
    static let coarseSum = 100

    /// In the order of the targets; at least one is above 0.
    let parts: [Int]
    /// The effective weight of the whole version for a multiplier of 1.
    let unit: Int
    /// The largest multiplier with which every weight stays in Kong's range.
    let largestMultiplier: Int
    private let addressCounts: [Int]

    /// The ratio the operator's weights had: the baseline's where one is known, else the present
    /// one, else all alike. A target of stable at 0 stays at 0, one of the canary never does.
    init(of targets: [WeighedTarget]) {
        let baseline = targets.compactMap(\.baselineWeight)
        let present = targets.map(\.weight)
        let alike = targets.map { _ in 1 }
        let side = targets.first?.side ?? .stable
        let known: [Int]
        if baseline.count == targets.count {
            known = Self.isUsable(baseline, for: side) ? baseline : alike
        } else {
            known = Self.isUsable(present, for: side) ? present : alike
        }
        self.init(known, addressCounts: targets.map(\.addressCount))
    }

    private init(_ weights: [Int], addressCounts: [Int]) {
        let divisor = max(weights.reduce(0, greatestCommonDivisor), 1)
        let parts = weights.map { $0 / divisor }
        self.parts = parts
        self.addressCounts = addressCounts
        unit = zip(parts, addressCounts).reduce(0) { $0 + $1.0 * $1.1 }
        largestMultiplier = WeighedTarget.weightRange.upperBound / max(parts.max() ?? 1, 1)
    }

    private static func isUsable(_ weights: [Int], for side: VersionSide) -> Bool {
        switch side {
        case .stable: weights.contains { $0 > 0 }
        case .canary: weights.allSatisfy { $0 > 0 }
        }
    }

    func weights(times multiplier: Int) -> [Int] { parts.map { $0 * multiplier } }

    /// The multiplier the present weights are made with; `nil` when they are all 0 or stand in
    /// another ratio.
    func multiplier(in targets: [WeighedTarget]) -> Int? {
        guard let index = parts.firstIndex(where: { $0 > 0 }), targets.indices.contains(index)
        else { return nil }
        let multiplier = targets[index].weight / parts[index]
        guard multiplier > 0, targets.map(\.weight) == weights(times: multiplier) else {
            return nil
        }
        return multiplier
    }

    /// Rule 6: the same ratio, rounded so that the parts sum to at most 100, or to the number of
    /// targets above 0 where that is more. No part above 0 becomes 0.
    var coarser: WeightRatio {
        let sum = parts.reduce(0, +)
        guard sum > Self.coarseSum else { return self }
        var rounded = parts.map { $0 == 0 ? 0 : max($0 * Self.coarseSum / sum, 1) }
        var excess = rounded.reduce(0, +) - Self.coarseSum
        while excess > 0, let largest = rounded.max(), largest > 1,
            let index = rounded.firstIndex(of: largest)
        {
            rounded[index] -= 1
            excess -= 1
        }
        return WeightRatio(rounded, addressCounts: addressCounts)
    }
}
