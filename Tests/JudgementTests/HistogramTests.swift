import TestSupport
import Testing

@testable import Judgement

@Suite struct HistogramTests {
    @Test func `bins follow each other without gap or overlap`() {
        var next = 0
        for bin in 0..<LogLinearCounts.pageCount * LogLinearCounts.binsPerPage {
            let range = LogLinearCounts.range(ofBin: bin)
            #expect(range.lowerBound == next)
            #expect(LogLinearCounts.bin(of: range.lowerBound) == bin)
            #expect(LogLinearCounts.bin(of: range.upperBound - 1) == bin)
            if range.lowerBound < 128 { #expect(range.count == 1) }
            #expect(range.count * 64 <= max(64, range.lowerBound))
            next = range.upperBound
        }
        #expect(next == LogLinearCounts.end)
    }

    @Test func `quantiles are exact to 127 ms`() {
        var histogram = LatencyHistogram()
        #expect(histogram.quantile(0.5) == nil)
        for value in 1...100 { histogram.record(milliseconds: Int32(value)) }
        #expect(histogram.quantile(0.5) == 50)
        #expect(histogram.quantile(0.95) == 95)
        #expect(histogram.quantile(0.951) == 96)
        #expect(histogram.quantile(1) == 100)
        #expect(histogram.count == 100)
    }

    @Test func `quantiles above are the upper ends of bins of 1 in 64`() {
        var generator = Seed(3)
        var histogram = LatencyHistogram()
        var values: [Int] = []
        for _ in 0..<5000 {
            let value = Int(1 << UInt32.random(in: 0...21, using: &generator)) + 17
            values.append(value)
            histogram.record(milliseconds: Int32(value))
        }
        values.sort()
        for part in [0.01, 0.5, 0.95, 0.99] {
            let exact = values[Int((part * 5000).rounded(.up)) - 1]
            let found = histogram.quantile(part) ?? -1
            #expect(found >= exact && Double(found) <= Double(exact) * 65 / 64)
        }
        #expect(histogram.bytes <= 5 * 1024)
    }

    @Test func `the least and the largest numbers find a bin`() {
        var histogram = LatencyHistogram()
        for value in [Int32.min, -1, 0, .max] { histogram.record(milliseconds: value) }
        #expect(histogram.quantile(0.75) == 0)
        #expect(histogram.quantile(1) == LogLinearCounts.end - 1)
    }

    @Test func `distances agree with scipy to the part in a bin`() throws {
        for example in try Reference.load().distances {
            let ruler = ScoreRuler(cutFrom: Array(example.stable.prefix(50)))
            var stable = ScoreHistogram(ruler: ruler)
            var canary = ScoreHistogram(ruler: ruler)
            for score in example.stable { stable.record(score) }
            for score in example.canary { canary.record(score) }
            let distances = try #require(
                ScoreDistances(stable: stable, canary: canary, alpha: 0.01))
            #expect(distances.kolmogorovSmirnov <= example.ks + 1e-12)
            #expect(distances.kolmogorovSmirnov >= example.ks - 0.02)
            let isEnough = example.stable.count >= 500
            #expect((distances.stabilityIndex != nil) == isEnough)
            #expect((0...1).contains(distances.jensenShannon))
        }
    }

    /// Probabilities, logits, prices around a million, counts, one value for all, extremes.
    @Test(arguments: [
        { Double.random(in: 0...1, using: &$0) },
        { Double.random(in: -8...3, using: &$0) },
        { 1e6 + Double.random(in: 0...1, using: &$0) },
        { Double(Int.random(in: 0...9, using: &$0)) },
        { _ in 0.25 },
        { _ in 0 },
        { Double.random(in: -1...1, using: &$0) * 1e300 },
        { Double.random(in: -1...1, using: &$0) * 1e-300 },
    ] as [@Sendable (inout Seed) -> Double])
    func `cuts lie at the deciles whatever scores are`(draw: @Sendable (inout Seed) -> Double) {
        var generator = Seed(5)
        let scores = (0..<2000).map { _ in draw(&generator) }
        let ruler = ScoreRuler(cutFrom: Array(scores.prefix(50)))
        var histogram = ScoreHistogram(ruler: ruler)
        for score in scores { histogram.record(score) }
        let sorted = scores.sorted()
        let cuts = histogram.cuts(at: ScoreDrift.deciles)
        #expect(cuts.count == 9)
        for (decile, cut) in zip(ScoreDrift.deciles, cuts) {
            let below = scores.count { $0 < cut }
            #expect(Double(below) >= decile * 2000 - 1)
            // A bin within the quartiles holds few of these; ties and single values hold all.
            let exact = sorted[Int(decile * 2000)]
            let ties = scores.count { $0 == exact }
            #expect(Double(below) <= decile * 2000 + 40 + Double(ties))
        }
        #expect(zip(cuts, cuts.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test func `memory of scores is bounded`() {
        var generator = Seed(6)
        var histogram = ScoreHistogram(ruler: ScoreRuler(cutFrom: [0, 1]))
        for _ in 0..<20_000 {
            let exponent = Double(Int.random(in: -1000...1000, using: &generator))
            let score = power(ofE: exponent / 2)
            histogram.record(Bool.random(using: &generator) ? score : -score)
        }
        #expect(histogram.bytes <= 2 * 5 * 1024)
        #expect(histogram.count == 20_000)
    }
}
