import TestSupport
import Testing

@testable import Sandbox

@Suite struct WeightedWheelTests {
    @Test(arguments: 0..<50)
    func `a whole turn gives every address its weight's part`(seed: UInt64) {
        var generator = Seed(seed)
        let count = Int.random(in: 1...6, using: &generator)
        let weights = (0..<count).map { _ in Int.random(in: 0...300, using: &generator) }
        let wheel = WeightedWheel(weights: weights, using: &generator)
        let total = weights.reduce(0, +)
        guard total > 0 else {
            #expect(wheel.slots.isEmpty)
            return
        }
        var pointer = Int.random(in: 0..<wheel.slots.count, using: &generator)
        var hits = Array(repeating: 0, count: count)
        for _ in 0..<wheel.slots.count {
            if let index = wheel.next(after: &pointer, where: { _ in true }) { hits[index] += 1 }
        }
        for (hit, weight) in zip(hits, weights) {
            #expect(hit * total == weight * wheel.slots.count)
        }
    }

    @Test func `what is unavailable is passed over, and nothing is left when all are`() {
        var generator = Seed(7)
        let wheel = WeightedWheel(weights: [80, 20], using: &generator)
        #expect(wheel.slots.count == 5)
        var pointer = 0
        for _ in 0..<20 { #expect(wheel.next(after: &pointer) { $0 == 1 } == 1) }
        #expect(wheel.next(after: &pointer) { _ in false } == nil)
    }

    @Test func `weights of zero make an empty wheel`() {
        var generator = Seed(1)
        #expect(WeightedWheel(weights: [0, 0], using: &generator).slots.isEmpty)
    }
}
