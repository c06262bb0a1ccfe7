/// Chance from a seed (SplitMix64), so that a run can be had again.
public struct Dice: Sendable {
    private var state: UInt64

    public init(_ seed: UInt64) { state = seed }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0..<bound.
    public mutating func roll(_ bound: Int) -> Int { Int(next() >> 33) % max(bound, 1) }

    /// Both ends included.
    public mutating func roll(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + roll(range.count)
    }

    /// True so often in 10,000.
    public mutating func happens(_ chance: Int) -> Bool { roll(10_000) < chance }

    public mutating func pick<Value>(_ values: [Value]) -> Value { values[roll(values.count)] }

    /// Between the two, both included, in steps of a microsecond.
    public mutating func time(_ least: Duration, _ most: Duration) -> Duration {
        let span = Int((most - least) / .microseconds(1))
        return least + .microseconds(roll(span + 1))
    }

    /// 0..<1.
    public mutating func fraction() -> Double { Double(roll(1 << 20)) / Double(1 << 20) }
}
