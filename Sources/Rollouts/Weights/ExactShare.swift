/// The part of requests the canary gets by weights, as an exact ratio: decisions compare these,
/// never rounded numbers.
public struct ExactShare: Hashable, Comparable, Sendable {
    /// In lowest terms: 0...denominator.
    public let numerator: Int
    /// In lowest terms: at least 1.
    public let denominator: Int

    public static let none = ExactShare(canary: 0, stable: 1)
    public static let all = ExactShare(canary: 1, stable: 0)

    /// The share of `canary` in the sum of both effective weights; `nil` when both are 0 or one is
    /// negative.
    public init?(canaryWeight canary: Int, stableWeight stable: Int) {
        guard canary >= 0, stable >= 0, canary + stable > 0 else { return nil }
        self.init(canary: canary, stable: stable)
    }

    public init(_ share: TrafficShare) {
        self.init(canary: share.basisPoints, stable: 10_000 - share.basisPoints)
    }

    private init(canary: Int, stable: Int) {
        let divisor = greatestCommonDivisor(canary, canary + stable)
        numerator = canary / divisor
        denominator = (canary + stable) / divisor
    }

    /// Exact: the products are compared in double width.
    public static func < (left: ExactShare, right: ExactShare) -> Bool {
        let first = left.numerator.multipliedFullWidth(by: right.denominator)
        let second = right.numerator.multipliedFullWidth(by: left.denominator)
        return (first.high, first.low) < (second.high, second.low)
    }

    /// In basis points, rounded towards the smaller: what may be shown beside a share asked for
    /// without ever claiming more than there is.
    public var roundedDown: TrafficShare {
        TrafficShare(basisPoints: numerator * 10_000 / denominator) ?? .none
    }

    /// In basis points, rounded to the nearest, halves towards the smaller. A canary with any
    /// weight is never rounded to 0, and one that is not alone never to 100 %.
    public var roundedToNearest: TrafficShare {
        guard numerator > 0 else { return .none }
        guard numerator < denominator else { return .all }
        let nearest = (numerator * 20_000 + denominator - 1) / (denominator * 2)
        return TrafficShare(basisPoints: min(max(nearest, 1), 9_999)) ?? .none
    }
}

/// The share of requests the canary has by these weights; `nil` when all of them are 0.
public func share(of targets: [WeighedTarget]) -> ExactShare? {
    var canary = 0
    var stable = 0
    for target in targets {
        switch target.side {
        case .canary: canary += target.effectiveWeight
        case .stable: stable += target.effectiveWeight
        }
    }
    return ExactShare(canaryWeight: canary, stableWeight: stable)
}

/// The greatest common divisor of two numbers that are not negative; 0 only when both are.
func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    var (left, right) = (first, second)
    while right != 0 { (left, right) = (right, left % right) }
    return left
}
