import Rollouts
import TestSupport
import Testing

@testable import Judgement

/// Both versions are the same: every alarm is false. Seeded, so these pass or fail for good.
@Suite struct FalseAlarmTests {
    struct World: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let rate: @Sendable (Int) -> Double
        let share: @Sendable (Int) -> Double
    }

    static let alpha = 0.05
    static let rollouts = 150
    static let looks = 60

    static let worlds = [
        World(testDescription: "constant", rate: { _ in 0.02 }, share: { _ in 0.2 }),
        World(
            testDescription: "an incident", rate: { (30..<40).contains($0) ? 0.2 : 0.001 },
            share: { _ in 0.2 }),
        World(
            testDescription: "rates and share climb together", rate: { $0 < 30 ? 0.001 : 0.05 },
            share: { $0 < 30 ? 0.05 : 0.5 }),
    ]

    /// The fewest alarms among `rollouts` that chance at ``alpha`` gives once in 10,000 times.
    static func bound(rollouts: Int) -> Int {
        var term = 1.0
        for _ in 0..<rollouts { term *= 1 - alpha }
        var sum = term
        for count in 1...rollouts {
            if 1 - sum < 1e-4 { return count }
            term *= Double(rollouts - count + 1) / Double(count) * alpha / (1 - alpha)
            sum += term
        }
        return rollouts
    }

    @Test(arguments: worlds, [0, 0.01])
    func `errors raise no more false alarms than alpha`(world: World, margin: Double) {
        var alarms = 0
        for rollout in 0..<Self.rollouts {
            var generator = Seed(UInt64(rollout))
            var process = EProcess(margin: margin)
            for look in 0..<Self.looks {
                var block = PairedCounts()
                for _ in 0..<50 {
                    let isFailure = Double.random(in: 0..<1, using: &generator) < world.rate(look)
                    if Double.random(in: 0..<1, using: &generator) < world.share(look) {
                        block.canaryTotal += 1
                        block.canaryFailures += isFailure ? 1 : 0
                    } else {
                        block.stableTotal += 1
                        block.stableFailures += isFailure ? 1 : 0
                    }
                }
                process.count(block, at: Timestamp(look))
                if process.reaches(-ln(Self.alpha)) {
                    alarms += 1
                    break
                }
            }
        }
        #expect(alarms < Self.bound(rollouts: Self.rollouts))
    }

    /// Latencies that drift, scores in steps of a tenth, values pushed at unlike rates.
    @Test func `a whole trial raises no more false alarms than alpha`() {
        let policy = AnalysisPolicy.standard(
            alpha: Self.alpha,
            checks: [
                .errorRate(.init(maxIncrease: 0, max: 0.1)),
                .latency(.init(quantile: 0.9, maxRatio: 1, maxMilliseconds: nil)),
                .scoreDrift(.init(maxDistance: 0)),
                .measurement(PairedMeasurementsTests.accuracy),
            ])
        let rollouts = 30
        var alarms = 0
        for rollout in 0..<rollouts {
            var generator = Seed(UInt64(1000 + rollout))
            var trial = Trial(policy: policy)
            trial.beginStep(share: TrialTests.fifth, at: Timestamp(0))
            trial.setShare(expected: TrialTests.fifth)
            for second in 0..<60 where trial.alarm == nil {
                var block = TrafficBlock()
                for _ in 0..<50 {
                    let milliseconds = Int32.random(in: 5...30, using: &generator)
                    let answer = VersionSample(
                        attempts: 1,
                        failures: Int.random(in: 0..<20, using: &generator) == 0 ? 1 : 0,
                        firstTries: 1, latencies: [milliseconds + Int32(second % 20)],
                        scores: [Double(Int.random(in: 0...9, using: &generator)) / 10])
                    let isCanary = Int.random(in: 0..<5, using: &generator) == 0
                    if isCanary { block.canary.add(answer) } else { block.stable.add(answer) }
                    let accuracy = Double.random(in: 0...1, using: &generator)
                    trial.measured(
                        name: "accuracy", isCanary: isCanary, value: accuracy,
                        at: Timestamp(second * 1000))
                }
                trial.count(block, at: Timestamp(second * 1000))
            }
            if trial.alarm != nil { alarms += 1 }
        }
        #expect(alarms < Self.bound(rollouts: rollouts))
    }

    @Test func `a test that is not made for many looks fails here`() {
        // The same bound catches a rule that is right once and wrong when asked again and again.
        var alarms = 0
        for rollout in 0..<Self.rollouts {
            var generator = Seed(UInt64(rollout))
            var (failures, total) = ([0, 0], [0, 0])
            for _ in 0..<Self.looks {
                for _ in 0..<50 {
                    let version = Int.random(in: 0..<2, using: &generator)
                    total[version] += 1
                    if Int.random(in: 0..<10, using: &generator) == 0 { failures[version] += 1 }
                }
                let one = Wilson.bounds(failures[0], of: total[0], deviations: 1.163)
                let other = Wilson.bounds(failures[1], of: total[1], deviations: 1.163)
                if one.low > other.high {
                    alarms += 1
                    break
                }
            }
        }
        #expect(alarms >= Self.bound(rollouts: Self.rollouts))
    }
}

extension VersionSample {
    fileprivate mutating func add(_ other: VersionSample) {
        attempts += other.attempts
        failures += other.failures
        firstTries += other.firstTries
        latencies += other.latencies
        scores += other.scores
    }
}
