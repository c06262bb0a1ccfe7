/// The part of requests that the canary gets, exact to a hundredth of a percent.
public struct TrafficShare: Hashable, Comparable, Sendable {
    /// Hundredths of a percent, 0...10000.
    public let basisPoints: Int

    /// Returns nil outside 0...10000.
    public init?(basisPoints: Int) {
        guard (0...10_000).contains(basisPoints) else { return nil }
        self.basisPoints = basisPoints
    }

    private init(trusted basisPoints: Int) { self.basisPoints = basisPoints }

    /// No request.
    public static let none = TrafficShare(trusted: 0)
    /// Every request.
    public static let all = TrafficShare(trusted: 10_000)

    public static func < (one: TrafficShare, other: TrafficShare) -> Bool {
        one.basisPoints < other.basisPoints
    }
}

extension TrafficShare: CustomStringConvertible {
    /// In percent, in the shortest form: `20`, `0.5`, `12.34`.
    public var description: String {
        let whole = basisPoints / 100
        let rest = basisPoints % 100
        if rest == 0 { return "\(whole)" }
        if rest % 10 == 0 { return "\(whole).\(rest / 10)" }
        return "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
