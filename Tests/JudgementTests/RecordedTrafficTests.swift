import Foundation
import Judgement
import Rollouts
import Testing

/// What a real Kong 3.9.1 logged of a canary at 20 %, condensed by Fixtures/condense.py.
@Suite struct RecordedTrafficTests {
    struct Block: Decodable {
        let receivedAt: Timestamp
        let traffic: TrafficBlock

        init(from decoder: any Decoder) throws {
            var parts = try decoder.unkeyedContainer()
            receivedAt = Timestamp(try parts.decode(Int.self))
            let stable = try Version(parts.superDecoder()).sample
            let canary = try Version(parts.superDecoder()).sample
            traffic = TrafficBlock(stable: stable, canary: canary)
        }
    }

    private struct Version {
        let sample: VersionSample

        init(_ decoder: any Decoder) throws {
            var parts = try decoder.unkeyedContainer()
            sample = VersionSample(
                attempts: try parts.decode(Int.self), failures: try parts.decode(Int.self),
                hiddenFailures: try parts.decode(Int.self), firstTries: try parts.decode(Int.self),
                latencies: try parts.decode([Int32].self), scores: try parts.decode([Double].self))
        }
    }

    static func blocks(of recording: String) throws -> [Block] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/\(recording).json")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Block.self, from: Data($0.utf8))
        }
    }

    /// Attempts on the canary when the alarm was raised; blocks hold 20-40 of them.
    @Test(arguments: [
        ("errors", AnalysisPolicy.standard(), Check.Metric.errorRate, 142),
        ("slow", .standard(), .latency, 252), ("dead", .standard(), .errorRate, 29),
        ("drift", .withScores, .scoreDrift, 138),
        // With a fourth check each has less of alpha, and one block more may be needed.
        ("errors", .withScores, .errorRate, 170), ("slow", .withScores, .latency, 252),
        ("dead", .withScores, .errorRate, 29),
    ])
    func `a bad canary is found by the right check`(
        recording: String, policy: AnalysisPolicy, metric: Check.Metric, attempts: Int
    ) throws {
        var trial = Trial(policy: policy)
        trial.setShare(expected: TrafficShare(basisPoints: 2000))
        var seen = 0
        for block in try Self.blocks(of: recording) {
            trial.count(block.traffic, at: block.receivedAt)
            seen += block.traffic.canary.attempts
            if trial.alarm != nil { break }
        }
        #expect(trial.alarm?.metric == metric)
        #expect(seen == attempts)
        #expect(trial.gate(at: Timestamp(5000)) == .unhealthy)
    }

    @Test func `the same version twice raises no alarm`() throws {
        var trial = Trial(policy: .withScores)
        trial.setShare(expected: TrafficShare(basisPoints: 2000))
        for block in try Self.blocks(of: "same") {
            trial.count(block.traffic, at: block.receivedAt)
            #expect(trial.alarm == nil)
        }
        #expect(trial.gate(at: Timestamp(4000)) == .healthy)
    }
}
