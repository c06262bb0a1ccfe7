import Rollouts
import TestSupport
import Testing

@testable import Judgement

@Suite struct EProcessTests {
    static let blocks = [
        [0, 10, 0, 40], [1, 10, 0, 40], [3, 10, 1, 40], [0, 0, 1, 50], [4, 10, 0, 40],
    ].map(PairedCounts.init)

    @Test(arguments: [
        (0.0, [0.870198685, 1.99678399, 22.818031, 22.818031, 5167.98149]),
        (0.01, [0.818945614, 1.34563408, 10.045864, 10.045864, 1480.59393]),
    ])
    func `the evidence follows the trajectory`(margin: Double, expected: [Double]) {
        var process = EProcess(margin: margin)
        for (index, block) in Self.blocks.enumerated() {
            process.count(block, at: Timestamp(index))
            let evidence = power(ofE: process.lnEvidence)
            #expect(isClose(evidence, expected[index], to: 1e-8), "block \(index): \(evidence)")
        }
    }

    @Test func `the projection is the reference's`() {
        let border = projection(
            stable: 0.01, canary: 0.1, margin: 0.01, stableCount: 40, canaryCount: 10)
        #expect(abs(border - 0.021809062) < 1e-9)
        let q = 0.1
        let p = 0.01
        let lnRatio =
            ln(q / (border + 0.01)) + 9 * ln((1 - q) / (1 - border - 0.01))
            + 40 * ln((1 - p) / (1 - border))
        #expect(abs(lnRatio - 0.968110347) < 1e-9)
    }

    @Test func `projections and trajectories agree with scipy`() throws {
        let reference = try Reference.load()
        for row in reference.projection {
            let border = projection(
                stable: row[0], canary: row[1], margin: row[4], stableCount: row[3],
                canaryCount: row[2])
            #expect(abs(border - row[5]) < 1e-12, "\(row): \(border)")
        }
        for trajectory in reference.trajectories {
            var process = EProcess(margin: trajectory.margin)
            for (index, block) in trajectory.blocks.enumerated() {
                process.count(PairedCounts(block), at: Timestamp(index))
                #expect(
                    isClose(power(ofE: process.lnEvidence), trajectory.evidence[index], to: 1e-9))
            }
        }
    }

    /// Under every pair of rates that is no harm the mean of L is at most 1, by enumeration.
    @Test func `no block gives evidence on average where there is no harm`() {
        for (stable, canary) in [(2, 3), (6, 2), (1, 7)] {
            for margin in [0.0, 0.01, 0.2] {
                for rate in [0.0, 0.001, 0.01, 0.1, 0.5, 0.8] {
                    let mean = meanEvidence(
                        stable: stable, canary: canary, margin: margin, stableRate: rate,
                        canaryRate: min(1, rate + margin))
                    #expect(mean <= 1 + 1e-9, "\(stable) \(canary) \(margin) \(rate)")
                }
            }
        }
    }

    private func meanEvidence(
        stable: Int, canary: Int, margin: Double, stableRate: Double, canaryRate: Double
    ) -> Double {
        var mean = 0.0
        for ks in 0...stable {
            for kc in 0...canary {
                var process = EProcess(margin: margin)
                process.count(PairedCounts([kc, canary, ks, stable]), at: Timestamp(0))
                mean +=
                    power(ofE: process.lnEvidence)
                    * binomial(ks, of: stable, at: stableRate)
                    * binomial(kc, of: canary, at: canaryRate)
            }
        }
        return mean
    }

    private func binomial(_ count: Int, of total: Int, at rate: Double) -> Double {
        var probability = 1.0
        for index in 0..<count { probability *= Double(total - index) / Double(index + 1) * rate }
        for _ in count..<total { probability *= 1 - rate }
        return probability
    }

    @Test func `blocks without both versions change nothing but the forecast`() {
        var process = EProcess(margin: 0.01)
        for block in Self.blocks { process.count(block, at: Timestamp(0)) }
        let before = process.lnEvidence
        for index in 0..<50 {
            process.count(PairedCounts([index % 2, 3, 0, 0]), at: Timestamp(1))
            process.count(PairedCounts([0, 0, 0, 4]), at: Timestamp(2))
            #expect(isClose(process.lnEvidence, before, to: 1e-12))
        }
        #expect(process.counts.stableTotal == 210 + 200)
    }

    @Test func `more failures of the canary are never less evidence`() {
        var generator = Seed(11)
        for _ in 0..<200 {
            var process = EProcess(margin: [0, 0.01, 0.1].randomElement(using: &generator)!)
            for _ in 0..<Int.random(in: 0...5, using: &generator) {
                process.count(PairedCounts([1, 20, 1, 80]), at: Timestamp(0))
            }
            let size = Int.random(in: 1...40, using: &generator)
            let stable = Int.random(in: 1...100, using: &generator)
            let stableFailures = Int.random(in: 0...stable, using: &generator)
            var least = -Double.infinity
            for failures in 0...size {
                var next = process
                next.count(
                    PairedCounts([failures, size, stableFailures, stable]), at: Timestamp(1))
                #expect(next.lnEvidence >= least - 1e-12)
                least = next.lnEvidence
            }
        }
    }

    @Test func `the period begins where the canary turned bad`() throws {
        var process = EProcess(margin: 0.01)
        for second in 0..<600 {
            process.count(PairedCounts([0, 50, 1, 200]), at: Timestamp(second * 1000))
        }
        for second in 600..<604 {
            process.count(PairedCounts([15, 50, 1, 200]), at: Timestamp(second * 1000))
        }
        #expect(process.lnEvidence > ln(1000))
        let period = try #require(process.period)
        #expect(period.from == Timestamp(600_000))
        #expect(period.counts == PairedCounts([60, 200, 4, 800]))
    }

    @Test func `a long healthy past costs little delay`() {
        var process = EProcess(margin: 0.01)
        for _ in 0..<36_000 { process.count(PairedCounts([0, 10, 0, 40]), at: Timestamp(0)) }
        var blocks = 0
        while process.lnEvidence < ln(300), blocks < 100 {
            process.count(PairedCounts([3, 10, 0, 40]), at: Timestamp(1))
            blocks += 1
        }
        #expect(blocks <= 6)
    }
}
