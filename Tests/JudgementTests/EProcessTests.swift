import Rollouts
import Testing

@testable import Judgement

@Suite struct EProcessTests {
    static let blocks = [
        (0, 10, 0, 40), (1, 10, 0, 40), (3, 10, 1, 40), (0, 0, 1, 50), (4, 10, 0, 40),
    ].map {
        PairedCounts(canaryFailures: $0.0, canaryTotal: $0.1, stableFailures: $0.2, stableTotal: $0.3)
    }

    @Test(arguments: [
        (0.0, [0.870198685, 1.99678399, 22.818031, 22.818031, 5167.98149]),
        (0.01, [0.818945614, 1.34563408, 10.045864, 10.045864, 1480.59393]),
    ])
    func `the evidence follows the reference`(margin: Double, expected: [Double]) {
        var process = EProcess(margin: margin)
        for (index, block) in Self.blocks.enumerated() {
            process.count(block, at: Timestamp(milliseconds: Int64(index)))
            let evidence = power(ofE: process.lnEvidence)
            #expect(abs(evidence / expected[index] - 1) < 1e-8, "block \(index): \(evidence)")
        }
    }
}
