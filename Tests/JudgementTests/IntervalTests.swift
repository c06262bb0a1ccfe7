import Testing

@testable import Judgement

@Suite struct IntervalTests {
    @Test(arguments: [
        (0, 100, 0.0, 0.078493247), (5, 100, 0.004269462, 0.182948522),
        (13, 1056, 0.002869842, 0.032629271), (50, 5000, 0.004987438, 0.017555628),
        (100, 100, 0.921506753, 1.0),
    ])
    func `the bounds are the reference's`(count: Int, total: Int, low: Double, high: Double) {
        let bounds = BetaBinomial.bounds(count, of: total, alpha: 0.005)
        #expect(abs(bounds.low - low) < 1e-9)
        #expect(abs(bounds.high - high) < 1e-9)
    }

    @Test func `bounds and gamma function agree with scipy`() throws {
        let reference = try Reference.load()
        for row in reference.lnGamma {
            #expect(abs(lnGamma(row[0]) - row[1]) <= 1e-14 * max(1, abs(row[1])), "\(row)")
        }
        for row in reference.betaBinomial {
            let bounds = BetaBinomial.bounds(Int(row[0]), of: Int(row[1]), alpha: row[2])
            #expect(isClose(bounds.low, row[3], to: 1e-8), "\(row): \(bounds)")
            #expect(abs(bounds.high - row[4]) < 1e-11, "\(row): \(bounds)")
        }
        for row in reference.wilson {
            let bounds = Wilson.bounds(Int(row[0]), of: Int(row[1]))
            #expect(abs(bounds.low - row[2]) < 1e-12)
            #expect(abs(bounds.high - row[3]) < 1e-12)
        }
    }

    @Test func `one look at a limit agrees with the bound`() {
        for total in [1, 7, 100, 3000] {
            for count in stride(from: 0, through: total, by: max(1, total / 50)) {
                let low = BetaBinomial.bounds(count, of: total, alpha: 0.005).low
                for rate in [0.0, 0.001, 0.02, 0.3, 0.99] where abs(low - rate) > 1e-9 {
                    let isBelow = BetaBinomial.isBelow(rate, count, of: total, alpha: 0.005)
                    #expect(isBelow == (low > rate), "\(count)/\(total) \(rate)")
                }
            }
        }
    }

    @Test func `without data everything is possible`() {
        #expect(BetaBinomial.bounds(0, of: 0, alpha: 0.01) == Interval(low: 0, high: 1))
        #expect(Wilson.bounds(0, of: 0) == Interval(low: 0, high: 1))
        #expect(QuantileBand.halfWidth(count: 0, alpha: 0.01) == 1)
        #expect(QuantileBand.bounds(of: 0.9, in: LatencyHistogram(), alpha: 0.01) == nil)
    }

    @Test func `the band of a distribution function is the reference's`() {
        #expect(abs(QuantileBand.halfWidth(count: 100, alpha: 0.005) - 0.292856) < 1e-6)
        #expect(abs(QuantileBand.halfWidth(count: 1000, alpha: 0.005) - 0.093942) < 1e-6)
    }

    @Test func `bounds of a quantile are ranks that the rate of that quantile allows`() throws {
        var histogram = LatencyHistogram()
        for value in 1...100 { for _ in 0..<10 { histogram.record(milliseconds: Int32(value)) } }
        let bounds = try #require(QuantileBand.bounds(of: 0.5, in: histogram, alpha: 0.01))
        #expect(bounds.low < 50 && bounds.high >= 50)
        // The share at or below a bound is what a rate of one half can just not have produced.
        let below = BetaBinomial.lnMixture(Int(bounds.low - 1) * 10, of: 1000, at: 0.5)
        let above = BetaBinomial.lnMixture(Int(bounds.high) * 10, of: 1000, at: 0.5)
        #expect(below >= -ln(0.01) && above >= -ln(0.01))
        let tail = try #require(QuantileBand.bounds(of: 0.999, in: histogram, alpha: 0.01))
        #expect(tail.high == .infinity)
    }

    @Test func `bounds of a quantile lie at the outer edges of bins`() throws {
        var histogram = LatencyHistogram()
        for _ in 0..<10_000 { histogram.record(milliseconds: 1001) }
        let bounds = try #require(QuantileBand.bounds(of: 0.5, in: histogram, alpha: 0.01))
        #expect(bounds == Interval(low: 1000, high: 1007))
    }
}
