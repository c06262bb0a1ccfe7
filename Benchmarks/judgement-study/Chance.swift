/// A small generator, so that every run of the study prints the same figures.
///
/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A fraction in 0..<1.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// How many of `count` happen that each happen with probability `rate`.
    mutating func binomial(_ count: Int, _ rate: Double) -> Int {
        guard count > 0, rate > 0 else { return 0 }
        if rate > 0.5 { return count - binomial(count, 1 - rate) }
        // Jumps from one to the next: their distances are geometric.
        let lnMiss = logarithm(1 - rate)
        var hits = 0
        var position = 0
        while true {
            let jump = logarithm(1 - fraction()) / lnMiss
            guard jump < Double(count - position) else { return hits }
            position += Int(jump) + 1
            hits += 1
            if position >= count { return hits }
        }
    }

    /// A number of the standard normal distribution (Box and Muller, 1958).
    mutating func normal() -> Double {
        let radius = (-2 * logarithm(1 - fraction())).squareRoot()
        return radius * cosine(2 * .pi * fraction())
    }
}
