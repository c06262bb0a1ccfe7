import Rollouts
import TestSupport
import Testing

@testable import Judgement

@Suite struct SavedEvidenceTests {
    static let policy = AnalysisPolicy.standard(checks: [
        .errorRate(.init(maxIncrease: 0.01, max: 0.5)),
        .latency(.init(quantile: 0.95, maxRatio: 1.25, maxMilliseconds: 500)),
        .scoreDrift(.init(maxDistance: 0.1)),
        .measurement(
            .init(name: "accuracy", low: 0, high: 1, better: .higher, maxHarm: 0.02)),
        .prometheus(
            .init(
                server: nil, query: "up", interval: TimeSpan(seconds: 10)!, max: 3, min: nil,
                failureLimit: 2)),
    ])

    static func sample(_ count: Int, _ generator: inout Seed) -> VersionSample {
        let failures = (0..<count).count { _ in Int.random(in: 0..<50, using: &generator) == 0 }
        return VersionSample(
            attempts: count, failures: failures, hiddenFailures: failures / 2, firstTries: count,
            latencies: (0..<(count - failures)).map { _ in .random(in: 5...90, using: &generator) },
            scores: (0..<(count - failures)).map { _ in .random(in: 0...1, using: &generator) })
    }

    static func run(_ trial: inout Trial, seconds: Range<Int>, _ generator: inout Seed) {
        for second in seconds {
            let at = Timestamp(second * 1000)
            trial.count(
                TrafficBlock(
                    stable: sample(Int.random(in: 0...80, using: &generator), &generator),
                    canary: sample(Int.random(in: 0...20, using: &generator), &generator)),
                at: at)
            for isCanary in [true, false, false] {
                trial.measured(
                    name: "accuracy", isCanary: isCanary,
                    value: .random(in: 0...1, using: &generator), at: at)
            }
            trial.queried(check: 4, value: Double(second % 3), at: at)
        }
    }

    @Test(arguments: 1...5)
    func `a restored trial has the same evidence`(seed: UInt64) {
        var generator = Seed(seed)
        var trial = Trial(policy: Self.policy)
        trial.beginStep(share: TrialTests.fifth, at: Timestamp(0))
        trial.setShare(expected: TrialTests.fifth)
        Self.run(&trial, seconds: 0..<40, &generator)
        var restored = Trial(policy: Self.policy, saved: trial.saved)
        #expect(restored.saved == trial.saved)
        #expect(restored.canaryRequests == trial.canaryRequests)
        for (one, other) in zip(trial.checks, restored.checks) {
            #expect(one.evidence.lnEvidence == other.evidence.lnEvidence)
            #expect(one.evidence.period == other.evidence.period)
        }
        // What does not lean on histograms or on a settled share goes on alike, to the bit.
        restored.beginStep(share: TrialTests.fifth, at: Timestamp(0))
        #expect(restored.stepNumber == 1)
        var same = generator
        Self.run(&trial, seconds: 40..<80, &generator)
        Self.run(&restored, seconds: 40..<80, &same)
        for index in [0, 3, 4] {
            #expect(trial.saved.parts[index] == restored.saved.parts[index])
        }
        #expect(trial.step.canary.attempts == restored.step.canary.attempts)
    }

    @Test func `saved numbers are finite`() {
        var generator = Seed(9)
        var trial = Trial(policy: Self.policy)
        #expect(trial.saved.parts.flatMap(\.numbers).allSatisfy { $0.isFinite })
        Self.run(&trial, seconds: 0..<30, &generator)
        #expect(trial.saved.parts.flatMap(\.numbers).allSatisfy { $0.isFinite })
    }

    @Test func `numbers that do not fit are left aside`() {
        var generator = Seed(10)
        var trial = Trial(policy: Self.policy)
        Self.run(&trial, seconds: 0..<10, &generator)
        for change in 0..<4 {
            var saved = trial.saved
            for index in saved.parts.indices where saved.parts[index].numbers.count > 3 {
                switch change {
                case 0: saved.parts[index].numbers.removeLast()
                case 1: saved.parts[index].numbers.append(1)
                case 2: saved.parts[index].numbers[0] = -3
                default: saved.parts[index].key += "?"
                }
            }
            let restored = Trial(policy: Self.policy, saved: saved)
            #expect(abs(restored.checks[0].evidence.lnEvidence!) < 1e-12)
            #expect(abs(restored.checks[2].evidence.lnEvidence!) < 1e-12)
        }
    }

    @Test func `an alarm survives a restart`() {
        var trial = TrialTests.trial()
        for second in 0..<5 {
            trial.count(TrialTests.block(canaryFailures: 20), at: Timestamp(second * 1000))
        }
        let restored = Trial(policy: .standard(), saved: trial.saved)
        #expect(trial.alarm != nil)
        #expect(restored.alarm == trial.alarm)
        #expect(restored.gate(at: Timestamp(0)) == .unhealthy)
    }
}
