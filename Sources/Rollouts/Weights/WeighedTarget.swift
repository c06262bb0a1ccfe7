/// One target of an upstream as it was last read, with what the plan of weights needs to know.
public struct WeighedTarget: Hashable, Sendable {
    /// The weights Kong takes for a target; its schema refuses anything outside.
    public static let weightRange = 0...65_535
    /// More addresses than any name server answers with; keeps every product below 64 bits.
    public static let addressCountRange = 1...10_000
    /// What Kong gives a target that names no weight.
    public static let kongDefaultWeight = 100

    /// `host:port`, the target's name in Kong; here an opaque key.
    public let address: String
    public let side: VersionSide
    /// The weight in Kong's row.
    public let weight: Int
    /// How many addresses the name resolves to; each of them gets the full weight.
    public let addressCount: Int
    /// The weight read before our first write. It says in which ratio a version's targets stand,
    /// so give one for *every* target of a version, and the same number to those we made
    /// ourselves: without it the present weights are taken for the ratio, and a crash between
    /// two writes would be mistaken for the operator's wish.
    public let baselineWeight: Int?

    /// `nil` when a weight is outside 0...65535 or the number of addresses outside 1...10000.
    public init?(
        address: String, side: VersionSide, weight: Int, addressCount: Int = 1,
        baselineWeight: Int? = nil
    ) {
        guard Self.weightRange.contains(weight),
            Self.addressCountRange.contains(addressCount),
            baselineWeight.map(Self.weightRange.contains) ?? true
        else { return nil }
        self.init(
            unchecked: address, side: side, weight: weight, addressCount: addressCount,
            baselineWeight: baselineWeight)
    }

    private init(
        unchecked address: String, side: VersionSide, weight: Int, addressCount: Int,
        baselineWeight: Int?
    ) {
        self.address = address
        self.side = side
        self.weight = weight
        self.addressCount = addressCount
        self.baselineWeight = baselineWeight
    }

    /// What the balancer gives this target in all: every address counts with the full weight.
    public var effectiveWeight: Int { weight * addressCount }

    /// The same target after a write; a weight Kong would refuse is held to its range.
    public func weighing(_ weight: Int) -> WeighedTarget {
        let range = Self.weightRange
        return WeighedTarget(
            unchecked: address, side: side,
            weight: min(max(weight, range.lowerBound), range.upperBound),
            addressCount: addressCount, baselineWeight: baselineWeight)
    }
}
