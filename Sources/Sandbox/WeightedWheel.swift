/// Kong's round-robin: one slot per unit of weight divided by the greatest common divisor, shuffled.
///
/// A full turn gives every address exactly its weight's part.
struct WeightedWheel: Equatable, Sendable {
    /// Places in the list of weights.
    let slots: [Int]

    init(weights: [Int], using generator: inout some RandomNumberGenerator) {
        let divisor = weights.reduce(0, Self.greatestCommonDivisor)
        guard divisor > 0 else {
            slots = []
            return
        }
        var slots: [Int] = []
        for (index, weight) in weights.enumerated() {
            slots.append(contentsOf: repeatElement(index, count: weight / divisor))
        }
        slots.shuffle(using: &generator)
        self.slots = slots
    }

    /// The next address from `pointer` on that may be used; `nil` if none may.
    func next(after pointer: inout Int, where isAvailable: (Int) -> Bool) -> Int? {
        for _ in 0..<slots.count {
            pointer = (pointer + 1) % slots.count
            if isAvailable(slots[pointer]) { return slots[pointer] }
        }
        return nil
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }
}
