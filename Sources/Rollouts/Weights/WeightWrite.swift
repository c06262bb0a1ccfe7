/// One target's weight to be changed in Kong.
public struct WeightWrite: Hashable, Sendable {
    public let address: String
    public let side: VersionSide
    /// The weight it was read with.
    public let from: Int
    public let to: Int

    public init(address: String, side: VersionSide, from: Int, to: Int) {
        self.address = address
        self.side = side
        self.from = from
        self.to = to
    }

    var raises: Bool { to > from }

    /// The targets once this write is done.
    public func applied(to targets: [WeighedTarget]) -> [WeighedTarget] {
        targets.map { $0.address == address ? $0.weighing(to) : $0 }
    }
}

/// Re-checked from the last read before every write: `true` when the write leaves some target
/// above 0 and gives the canary at most `ceiling`, or at most what it has already.
///
/// As ceiling take the largest of the shares not yet confirmed as left and the plan's `achieved`.
public func isSafe(
    _ write: WeightWrite, in present: [WeighedTarget], ceiling: ExactShare
) -> Bool {
    guard present.contains(where: { $0.address == write.address && $0.side == write.side }),
        let after = share(of: write.applied(to: present))
    else { return false }
    if after <= ceiling { return true }
    guard let before = share(of: present) else { return false }
    return after <= before
}
