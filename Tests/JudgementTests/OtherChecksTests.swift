import Rollouts
import TestSupport
import Testing

@testable import Judgement

@Suite struct ShareShortfallTests {
    static func block(stable: Int, canary: Int) -> TrafficBlock {
        TrafficBlock(
            stable: VersionSample(firstTries: stable), canary: VersionSample(firstTries: canary))
    }

    /// Seconds of 250 requests until the evidence reaches 300; nil when it does not in 10 min.
    static func seconds(share: Int, canary: Int) -> Int? {
        var shortfall = ShareShortfall()
        shortfall.expect(TrafficShare(basisPoints: share))
        for second in 0..<610 {
            shortfall.count(
                block(stable: 250 - canary, canary: canary), at: Timestamp(second * 1000))
            if shortfall.lnEvidence >= ln(300) { return second }
        }
        return nil
    }

    @Test func `a canary that gets nothing is noticed after the share has settled`() throws {
        let twenty = try #require(Self.seconds(share: 2000, canary: 0))
        #expect(twenty >= 10 && twenty <= 12)
        let one = try #require(Self.seconds(share: 100, canary: 0))
        #expect(one <= 30)
        #expect(Self.seconds(share: 10_000, canary: 0) != nil)
    }

    @Test func `a canary that gets its share, more, or a little less is not`() {
        for canary in [25, 30, 50, 250] {
            #expect(Self.seconds(share: 2000, canary: canary) == nil)
        }
    }

    @Test func `it rests while the share is unknown and settles when it changes`() {
        var shortfall = ShareShortfall()
        for second in 0..<100 {
            shortfall.count(Self.block(stable: 250, canary: 0), at: Timestamp(second * 1000))
        }
        #expect(!shortfall.isMeasured)
        shortfall.expect(TrafficShare(basisPoints: 100))
        for second in 100..<200 {
            shortfall.count(Self.block(stable: 247, canary: 3), at: Timestamp(second * 1000))
        }
        shortfall.expect(TrafficShare(basisPoints: 5000))
        for second in 200..<210 {
            // Requests of before the change.
            shortfall.count(Self.block(stable: 247, canary: 3), at: Timestamp(second * 1000))
        }
        for second in 210..<300 {
            shortfall.count(Self.block(stable: 125, canary: 125), at: Timestamp(second * 1000))
        }
        #expect(shortfall.isMeasured)
        #expect(shortfall.lnEvidence < 0)
    }
}

@Suite struct PairedMeasurementsTests {
    static let accuracy = Check.Measured(
        name: "accuracy", low: 0, high: 1, better: .higher, maxHarm: 0.02)

    @Test func `values are paired in the order of arrival`() {
        var pairs = PairedMeasurements(Self.accuracy)
        for value in [0.9, 0.8, 0.7] { pairs.count(value, isCanary: false, at: Timestamp(0)) }
        #expect(pairs.pairs == 0)
        pairs.count(0.5, isCanary: true, at: Timestamp(1))
        pairs.count(0.6, isCanary: true, at: Timestamp(2))
        #expect(pairs.pairs == 2)
        #expect(isClose(pairs.stableSum, 1.7, to: 1e-12))
        #expect(isClose(pairs.canarySum, 1.1, to: 1e-12))
        #expect(pairs.waiting == [0.7])
    }

    @Test func `the wealth is the mean of the products`() {
        var pairs = PairedMeasurements(Self.accuracy)
        var expected = [Double](repeating: 1, count: 7)
        for (stable, canary) in [(0.9, 0.5), (0.8, 0.9), (1.0, 0.0)] {
            pairs.count(stable, isCanary: false, at: Timestamp(0))
            pairs.count(canary, isCanary: true, at: Timestamp(0))
            for index in expected.indices {
                let stake = PairedMeasurements.stakes[index] / 1.02
                expected[index] *= 1 + stake * (stable - canary - 0.02)
            }
        }
        let mean = expected.reduce(0, +) / 7
        #expect(isClose(power(ofE: pairs.lnEvidence), mean, to: 1e-12))
    }

    @Test func `lower is better where the policy says so`() {
        var metric = Self.accuracy
        metric.better = .lower
        metric.low = -100
        metric.high = 300
        metric.maxHarm = 4
        var pairs = PairedMeasurements(metric)
        for _ in 0..<100 {
            pairs.count(10, isCanary: false, at: Timestamp(0))
            pairs.count(110, isCanary: true, at: Timestamp(0))
        }
        #expect(pairs.lnEvidence > ln(300))
        #expect(pairs.stableSum == 1000)
    }

    @Test func `the queue is bounded and drops the oldest`() {
        var pairs = PairedMeasurements(Self.accuracy)
        for index in 0..<1500 {
            pairs.count(Double(index) / 1500, isCanary: true, at: Timestamp(0))
        }
        #expect(pairs.waiting.count == 1000)
        #expect(pairs.displaced == 500)
        #expect(pairs.waiting.first == 500.0 / 1500)
        pairs.count(.nan, isCanary: false, at: Timestamp(0))
        pairs.count(7, isCanary: false, at: Timestamp(0))
        #expect(pairs.pairs == 1 && pairs.stableSum == 1)
    }

    @Test func `a worse canary raises the alarm of its name alone`() {
        var other = Self.accuracy
        other.name = "cost"
        var trial = Trial(
            policy: .standard(checks: [.measurement(other), .measurement(Self.accuracy)]))
        for index in 0..<200 {
            trial.measured(
                name: "accuracy", isCanary: index % 2 == 0, value: index % 2 == 0 ? 0.6 : 0.9,
                at: Timestamp(index))
        }
        #expect(trial.alarm?.check == "measurement accuracy")
        #expect(trial.alarm?.limit == "max_harm")
    }
}

@Suite struct QueryFailuresTests {
    static let query = Check.Query(
        server: nil, query: "rate", interval: TimeSpan(seconds: 10)!, max: 0.05, min: nil,
        failureLimit: 2)

    @Test func `failures above the limit are unhealthy, missing answers are nothing`() {
        var trial = Trial(policy: .standard(checks: [.prometheus(Self.query)]))
        for value in [0.01, nil, 0.2, 0.3, nil, .nan] {
            trial.queried(check: 0, value: value, at: Timestamp(1))
        }
        #expect(trial.alarm == nil)
        trial.queried(check: 0, value: 0.06, at: Timestamp(2))
        #expect(trial.alarm?.metric == .prometheus)
        #expect(trial.alarm?.limit == "failure_limit")
        #expect(trial.alarm?.from == Timestamp(1))
        trial.acknowledge()
        trial.queried(check: 0, value: 0.01, at: Timestamp(3))
        #expect(trial.alarm == nil)
        trial.queried(check: 0, value: 0.06, at: Timestamp(4))
        #expect(trial.alarm != nil)
    }

    @Test func `a query that never answered is not healthy`() {
        var trial = TrialTests.trial(
            .standard(minRequests: 1, checks: [.prometheus(Self.query)]))
        trial.count(TrialTests.block(), at: Timestamp(0))
        #expect(trial.assessment(at: Timestamp(0)).obstacles == [.notMeasured])
        trial.queried(check: 0, value: 0.01, at: Timestamp(1))
        #expect(trial.gate(at: Timestamp(1)) == .healthy)
    }
}

@Suite struct ShareWindowTests {
    @Test func `it looks back a minute`() throws {
        var window = ShareWindow()
        #expect(window.observed(at: Timestamp(0)) == nil)
        for second in 0..<100 {
            window.count(
                stableFirstTries: second < 50 ? 10 : 30, canaryFirstTries: 10, canaryAttempts: 11,
                at: Timestamp(second * 1000))
        }
        let observed = try #require(window.observed(at: Timestamp(99_999)))
        #expect(observed.requests == 10 * 20 + 50 * 40)
        #expect(isClose(observed.share, 600.0 / 2200, to: 1e-12))
        #expect(observed.low < observed.share && observed.share < observed.high)
        #expect(window.canaryRate(at: Timestamp(99_999)) == 11)
        #expect(window.observed(at: Timestamp(158_999))?.requests == 40)
        #expect(window.observed(at: Timestamp(160_000)) == nil)
    }

    @Test func `a clock that jumps either way loses nothing but what is old`() {
        var window = ShareWindow()
        for at in [1000, 500_000, 400_000, 9_000_000_000_000] {
            window.count(
                stableFirstTries: 1, canaryFirstTries: 1, canaryAttempts: 1, at: Timestamp(at))
        }
        #expect(window.observed(at: Timestamp(9_000_000_000_000))?.requests == 2)
        #expect(window.observed(at: Timestamp(0))?.requests == 2)
    }
}
