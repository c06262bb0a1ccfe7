import Rollouts
import TestSupport
import Testing

@testable import Judgement

@Suite struct TrialTests {
    static let fifth = TrafficShare(basisPoints: 2000)!

    /// A second of 200 and 50 requests.
    static func block(
        stableFailures: Int = 0, canaryFailures: Int = 0, stable: Int = 200, canary: Int = 50,
        stableMilliseconds: Int32 = 20, canaryMilliseconds: Int32 = 20
    ) -> TrafficBlock {
        TrafficBlock(
            stable: VersionSample(
                attempts: stable, failures: stableFailures, firstTries: stable,
                latencies: (0..<max(0, stable - stableFailures)).map {
                    stableMilliseconds + Int32($0 % 10)
                }),
            canary: VersionSample(
                attempts: canary, failures: canaryFailures, firstTries: canary,
                latencies: (0..<max(0, canary - canaryFailures)).map {
                    canaryMilliseconds + Int32($0 % 10)
                }))
    }

    static func trial(_ policy: AnalysisPolicy = .standard()) -> Trial {
        var trial = Trial(policy: policy)
        trial.beginStep(share: fifth, at: Timestamp(0))
        trial.setShare(expected: fifth)
        return trial
    }

    @Test func `nothing measured is inconclusive`() {
        let trial = Trial(policy: .standard(minRequests: 1))
        #expect(trial.gate(at: Timestamp(0)) == .inconclusive)
        let assessment = trial.assessment(at: Timestamp(0))
        #expect(assessment.obstacles.contains(.nothingMeasured))
        #expect(assessment.missingRequests == 1)
        #expect(assessment.missingSeconds == nil)
        #expect(assessment.harmExcludedAbove == nil)
    }

    @Test func `only stable's traffic is inconclusive`() {
        var trial = Self.trial(.standard(minRequests: 1))
        for second in 0..<100 { trial.count(Self.block(canary: 0), at: Timestamp(second * 1000)) }
        // The canary should have had a fifth of 20,000: the watch over the share has seen that.
        #expect(trial.alarm?.metric == .share)
        trial.acknowledge()
        #expect(trial.gate(at: Timestamp(0)) == .inconclusive)
    }

    @Test func `it says how many requests and seconds are missing`() {
        var trial = Self.trial()
        for second in 0..<4 { trial.count(Self.block(), at: Timestamp(second * 1000)) }
        let assessment = trial.assessment(at: Timestamp(3999))
        #expect(assessment.verdict == .inconclusive)
        #expect(assessment.obstacles == [.tooFewRequests])
        #expect(assessment.missingRequests == 100)
        #expect(assessment.missingSeconds == 2)
        for second in 4..<6 { trial.count(Self.block(), at: Timestamp(second * 1000)) }
        #expect(trial.gate(at: Timestamp(5999)) == .healthy)
        #expect(trial.assessment(at: Timestamp(5999)).missingSeconds == 0)
        #expect(trial.canaryRequests == 300)
    }

    @Test func `no harm asks for more and names what is excluded`() throws {
        var trial = Self.trial(.standard(requirement: .noHarm))
        for second in 0..<6 { trial.count(Self.block(), at: Timestamp(second * 1000)) }
        let early = trial.assessment(at: Timestamp(5999))
        #expect(early.verdict == .inconclusive)
        #expect(early.obstacles == [.harmNotExcluded])
        let missing = try #require(early.missingRequests)
        #expect(missing > 300 && missing < 2000)
        try #expect(#require(early.harmExcludedAbove) > 0.01)
        let seconds = try #require(early.missingSeconds)
        for second in 6..<(6 + seconds) { trial.count(Self.block(), at: Timestamp(second * 1000)) }
        let late = trial.assessment(at: Timestamp((6 + seconds) * 1000))
        #expect(late.verdict == .healthy)
        try #expect(#require(late.harmExcludedAbove) <= 0.01)
    }

    @Test func `harm that is there can never be excluded`() {
        var trial = Self.trial(.standard(requirement: .noHarm, minRequests: 10))
        trial.count(Self.block(canaryFailures: 2), at: Timestamp(0))
        let assessment = trial.assessment(at: Timestamp(0))
        #expect(assessment.verdict == .inconclusive)
        #expect(assessment.missingRequests == nil)
        #expect(assessment.missingSeconds == nil)
    }

    @Test func `an alarm names figures, threshold, counts and period`() throws {
        var trial = Self.trial()
        for second in 0..<60 { trial.count(Self.block(), at: Timestamp(second * 1000)) }
        for second in 60..<63 {
            trial.count(Self.block(canaryFailures: 15), at: Timestamp(second * 1000))
        }
        let alarm = try #require(trial.alarm)
        #expect(alarm.check == "error_rate" && alarm.metric == .errorRate)
        #expect(alarm.limit == "max_increase" && alarm.threshold == 0.01)
        #expect(alarm.canary == 0.3 && alarm.stable == 0)
        #expect(alarm.from == Timestamp(60_000))
        #expect(alarm.to <= Timestamp(62_000))
        let seen = Int(alarm.to.milliseconds / 1000) - 59
        #expect(alarm.canaryCount == 50 * seen && alarm.stableCount == 200 * seen)
        try #expect(isClose(#require(alarm.evidenceNeeded), 300, to: 1e-12))
        try #expect(#require(alarm.evidence) >= 300)
        let first = alarm
        trial.count(Self.block(canaryFailures: 15), at: Timestamp(63_000))
        #expect(trial.alarm == first)
        let check = trial.assessment(at: Timestamp(63_000)).checks[0]
        #expect(check.status == .unhealthy && check.alarm == first)
    }

    @Test func `slow answers are told from a tick of the clock`() {
        var trial = Self.trial()
        // 20-29 ms on stable; a factor of 1.25 and the tick allow 37.25 ms.
        for second in 0..<30 {
            trial.count(Self.block(canaryMilliseconds: 28), at: Timestamp(second * 1000))
            #expect(trial.alarm == nil)
        }
        for second in 30..<60 {
            trial.count(Self.block(canaryMilliseconds: 40), at: Timestamp(second * 1000))
        }
        #expect(trial.alarm?.check == "latency p95")
        #expect(trial.alarm?.from == Timestamp(30_000))
        #expect(trial.alarm?.stable == 29)
    }

    @Test func `the evidence runs on when a step begins, its tallies do not`() {
        var trial = Self.trial()
        trial.count(Self.block(canaryFailures: 1), at: Timestamp(0))
        let before = trial.assessment(at: Timestamp(1))
        trial.beginStep(share: TrafficShare(basisPoints: 5000)!, at: Timestamp(900))
        // Asked for, then confirmed: one step.
        trial.beginStep(share: TrafficShare(basisPoints: 5000)!, at: Timestamp(1000))
        let after = trial.assessment(at: Timestamp(1000))
        #expect(
            after.checks[0].comparison?.evidence == before.checks[0].comparison?.evidence)
        #expect(after.step.tally == Tally())
        #expect(after.rollout.canary.attempts == 50)
        #expect(after.step.number == 2)
        trial.count(Self.block(), at: Timestamp(1000))
        trial.beginStep(share: TrafficShare(basisPoints: 5000)!, at: Timestamp(1000))
        #expect(trial.canaryRequests == 50)
    }

    @Test func `at 100 % comparisons rest and only limits are judged`() {
        var compared = Self.trial()
        var limited = Self.trial(
            .standard(checks: [.errorRate(.init(maxIncrease: 0.01, max: 0.05))]))
        for second in 0..<2 {
            compared.count(Self.block(canaryFailures: 1), at: Timestamp(second * 1000))
        }
        let evidence = compared.assessment(at: Timestamp(2000)).checks[0].comparison?.evidence
        compared.beginStep(share: .all, at: Timestamp(2000))
        limited.beginStep(share: .all, at: Timestamp(2000))
        for second in 2..<10 {
            compared.count(Self.block(stable: 0), at: Timestamp(second * 1000))
            limited.count(Self.block(stable: 0), at: Timestamp(second * 1000))
        }
        let assessment = compared.assessment(at: Timestamp(10_000))
        #expect(assessment.verdict == .inconclusive)
        #expect(assessment.needsApproval)
        #expect(assessment.obstacles == [.needsApproval])
        #expect(assessment.checks[0].reason == .noStableTraffic)
        #expect(assessment.checks[1].reason == .noStableTraffic)
        #expect(isClose(assessment.checks[0].comparison!.evidence, evidence!, to: 1e-12))
        #expect(limited.gate(at: Timestamp(10_000)) == .healthy)
        for second in 10..<20 {
            limited.count(
                Self.block(canaryFailures: 10, stable: 0), at: Timestamp(second * 1000))
        }
        #expect(limited.alarm?.limit == "max")
        #expect(limited.gate(at: Timestamp(20_000)) == .unhealthy)
    }

    @Test func `a limit in milliseconds looks at the share above it`() throws {
        let check = Check.latency(.init(quantile: 0.9, maxRatio: nil, maxMilliseconds: 26))
        var trial = Self.trial(.standard(checks: [check]))
        // 27, 28 and 29 ms: three answers in ten are above 26.
        for second in 0..<10 { trial.count(Self.block(), at: Timestamp(second * 1000)) }
        let alarm = try #require(trial.alarm)
        #expect(alarm.limit == "max_ms" && alarm.threshold == 26 && alarm.canary == 28)
        let limit = try #require(trial.assessment(at: Timestamp(9999)).checks[0].limit)
        #expect(limit.bound > limit.boundMayBe)
    }

    @Test func `alpha is divided among the checks with a guarantee`() {
        let policy = AnalysisPolicy.standard(checks: [
            .errorRate(.init(maxIncrease: 0.01, max: 0.1)),
            .latency(.init(quantile: 0.95, maxRatio: 1.25, maxMilliseconds: nil)),
            .prometheus(
                .init(
                    server: nil, query: "up", interval: TimeSpan(seconds: 10)!, max: nil, min: 1,
                    failureLimit: 1)),
        ])
        let checks = Trial(policy: policy, saved: .lost(restarts: 2)).checks
        let alphas = checks.map(\.alpha)
        let part = 0.01 / 4 / 3
        #expect(isClose(alphas[0].comparison, part / 2, to: 1e-12))
        #expect(isClose(alphas[0].limit, part / 2, to: 1e-12))
        #expect(isClose(alphas[1].comparison, part, to: 1e-12))
        #expect(isClose(alphas[3].comparison, part, to: 1e-12))
        let steps = (1...10_000).reduce(0) { $0 + alphas[0].interval(inStep: $1) }
        #expect(steps <= part / 2)
    }

    @Test func `a resumed alarm comes again on as much new evidence`() {
        var trial = Self.trial()
        var second = 0
        func go(until isDone: (Trial) -> Bool) -> Int {
            let first = second
            while !isDone(trial), second < first + 100 {
                trial.count(Self.block(canaryFailures: 5), at: Timestamp(second * 1000))
                second += 1
            }
            return second - first
        }
        let toFirst = go { $0.alarm != nil }
        trial.acknowledge()
        #expect(trial.alarm == nil)
        #expect(trial.gate(at: Timestamp(0)) == .inconclusive)
        #expect(trial.assessment(at: Timestamp(0)).checks[0].reason == .acknowledged)
        let toSecond = go { $0.alarm != nil }
        #expect(toSecond >= 1 && toSecond <= toFirst + 1)
    }

    @Test func `a resumed check can be healthy again in the next step`() {
        var trial = Self.trial(
            .standard(
                minRequests: 50,
                checks: [.errorRate(.init(maxIncrease: 0.01, max: 0.05))]))
        trial.count(Self.block(canaryFailures: 50), at: Timestamp(0))
        #expect(trial.alarm?.limit == "max_increase")
        trial.acknowledge()
        trial.count(Self.block(), at: Timestamp(1000))
        // The limit was not what was acknowledged: half of the step's attempts failed.
        #expect(trial.alarm?.limit == "max")
        trial.acknowledge()
        let restored = Trial(policy: trial.policy, saved: trial.saved)
        #expect(restored.saved == trial.saved)
        for trial in [trial, restored] {
            var trial = trial
            trial.count(Self.block(), at: Timestamp(2000))
            #expect(trial.alarm == nil)
            #expect(trial.gate(at: Timestamp(2000)) == .inconclusive)
            trial.beginStep(share: TrafficShare(basisPoints: 5000)!, at: Timestamp(3000))
            trial.count(Self.block(), at: Timestamp(3000))
            #expect(trial.gate(at: Timestamp(3000)) == .healthy)
        }
    }

    @Test func `an amended policy keeps the evidence of checks that stay`() {
        var trial = Self.trial()
        trial.count(Self.block(canaryFailures: 2), at: Timestamp(0))
        let before = trial.assessment(at: Timestamp(1)).checks
        trial.amend(
            policy: .standard(checks: [
                .errorRate(.init(maxIncrease: 0.02, max: nil)),
                .latency(.init(quantile: 0.95, maxRatio: 1.25, maxMilliseconds: nil)),
                .scoreDrift(.init(maxDistance: 0.1)),
            ]))
        let after = trial.assessment(at: Timestamp(1)).checks
        #expect(after[0].comparison?.evidence == 1)
        #expect(after[1].comparison?.evidence == before[1].comparison?.evidence)
        #expect(after[1].comparison?.evidenceNeeded == 1 / 0.0025)
        #expect(after[3].metric == .share)
    }

    @Test func `a rollout takes less than 20 KiB`() {
        var generator = Seed(8)
        var trial = Self.trial()
        for second in 0..<600 {
            let base = Int32(1 << UInt32.random(in: 2...11, using: &generator))
            trial.count(
                Self.block(stableMilliseconds: base, canaryMilliseconds: base),
                at: Timestamp(second * 1000))
            if second == 300 { trial.beginStep(share: .all, at: Timestamp(300_000)) }
        }
        let histograms =
            trial.step.stable.latency.bytes + trial.step.canary.latency.bytes
            + trial.earlier.stable.latency.bytes + trial.earlier.canary.latency.bytes
        let products = 2 * 7 * MemoryLayout<RestartedProduct>.stride
        let checks = trial.checks.capacity * MemoryLayout<JudgedCheck>.stride
        let bytes = histograms + products + checks + MemoryLayout<Trial>.size + 768
        #expect(bytes < 18 * 1024, "\(histograms) + \(products) + \(checks)")
    }
}
