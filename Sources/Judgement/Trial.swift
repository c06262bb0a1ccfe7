public import Rollouts

/// One rollout's judgement: counts go in as they arrive, evidence and verdict come out.
///
/// Every batch is one block of every sequential test, so it may be asked after each batch
/// without raising the probability of a false alarm above the policy's alpha. Nothing here reads
/// a clock: moments are the caller's, of receipt.
public struct Trial: Sendable {
    public private(set) var policy: AnalysisPolicy
    /// How often evidence was lost: alpha is halved each time.
    let lostRestarts: Int
    /// The policy's checks in their order, then the watch over the share.
    var checks: [JudgedCheck]
    /// Counts since the step began.
    var step = Tally()
    /// Steps begun so far.
    var stepNumber = 0
    var stepShare: TrafficShare?
    var stepBegan: Timestamp?
    /// Counts of the steps that are over, since the trial began or was restored.
    var earlier = Tally()
    private(set) var window = ShareWindow()
    private var ruler: ScoreRuler?
    private var earlyScores = EarlyScores()
    private(set) var lastBlock: Timestamp?

    /// - Parameter saved: What an earlier trial of the rollout left; nil: there was none. After
    ///   a loss pass ``SavedEvidence/lost(restarts:)``.
    public init(policy: AnalysisPolicy, saved: SavedEvidence? = nil) {
        self.policy = policy
        lostRestarts = max(0, saved?.lostRestarts ?? 0)
        checks = Self.checks(of: policy, lostRestarts: lostRestarts)
        if let saved { restore(saved) }
    }

    private static func checks(of policy: AnalysisPolicy, lostRestarts: Int) -> [JudgedCheck] {
        let asked: [Check?] = policy.checks.map { $0 } + [nil]
        return asked.map { check in
            let alpha = AlphaShare(policy: policy, check: check, lostRestarts: lostRestarts)
            return JudgedCheck(check: check, alpha: alpha)
        }
    }

    /// Takes a changed policy. A check keeps its evidence where its question stays the same, and
    /// its alarm where nothing of it changed.
    public mutating func amend(policy: AnalysisPolicy) {
        guard policy != self.policy else { return }
        let before = checks
        self.policy = policy
        checks = Self.checks(of: policy, lostRestarts: lostRestarts)
        for index in checks.indices {
            guard let old = before.first(where: { $0.key == checks[index].key }) else { continue }
            checks[index].evidence = old.evidence
            checks[index].acknowledged = old.acknowledged
            checks[index].limitAcknowledged = old.limitAcknowledged
            checks[index].acknowledgedInStep = old.acknowledgedInStep
            if old.check == checks[index].check { checks[index].alarm = old.alarm }
        }
    }

    /// Begins a step: both versions' tallies start anew at this instant; evidence runs on.
    ///
    /// The same share and instant again change nothing; a step in which nothing was counted is
    /// moved, not counted, for it has used nothing of alpha.
    public mutating func beginStep(share: TrafficShare, at instant: Timestamp) {
        if stepBegan == instant, stepShare == nil || stepShare == share {
            stepShare = share
            return
        }
        if stepNumber == 0 || step.stable.attempts + step.canary.attempts > 0 { stepNumber += 1 }
        stepShare = share
        stepBegan = instant
        earlier.merge(step)
        step = Tally()
        window = ShareWindow()
        // Fewer than a ruler's worth, and of the step before.
        earlyScores = EarlyScores()
        for index in checks.indices { checks[index].beginStep() }
    }

    /// What the gateway was told and has confirmed; nil while it is changing, where the share is
    /// dealt out by a hash, or unknown: then the watch over the share rests.
    public mutating func setShare(expected: TrafficShare?) {
        for index in checks.indices {
            guard case .share(var shortfall) = checks[index].evidence else { continue }
            shortfall.expect(expected)
            checks[index].evidence = .share(shortfall)
        }
    }

    /// Counts a batch, and raises the alarm of each check that it makes unhealthy.
    ///
    /// - Parameter instant: When the batch was received.
    public mutating func count(_ block: TrafficBlock, at instant: Timestamp) {
        if stepNumber == 0 { stepNumber = 1 }
        if stepBegan == nil { stepBegan = instant }
        for index in checks.indices {
            let stable = Past(earlier: earlier.stable, step: step.stable)
            checks[index].count(block, stable: stable, at: instant)
        }
        step.add(block)
        addScores(of: block)
        window.count(
            stableFirstTries: block.stable.firstTries, canaryFirstTries: block.canary.firstTries,
            canaryAttempts: block.canary.attempts, at: instant)
        lastBlock = instant
        for index in checks.indices { raiseAlarm(ofCheck: index, at: instant) }
    }

    /// Counts a value that somebody pushed for every check of that name.
    public mutating func measured(
        name: String, isCanary: Bool, value: Double, at instant: Timestamp
    ) {
        for index in checks.indices {
            guard case .measurement(var pairs) = checks[index].evidence, pairs.metric.name == name
            else { continue }
            pairs.count(value, isCanary: isCanary, at: instant)
            checks[index].evidence = .measurement(pairs)
            raiseAlarm(ofCheck: index, at: instant)
        }
    }

    /// Counts the answer to the Prometheus query at `index` of the policy's checks.
    ///
    /// - Parameter value: nil: it gave no number, which is neither good nor bad.
    public mutating func queried(check index: Int, value: Double?, at instant: Timestamp) {
        guard checks.indices.contains(index),
            case .prometheus(var failures) = checks[index].evidence
        else { return }
        failures.count(value, at: instant)
        checks[index].evidence = .prometheus(failures)
        raiseAlarm(ofCheck: index, at: instant)
    }

    /// The earliest alarm that stands; nil while no check is unhealthy.
    public var alarm: Alarm? {
        var earliest: Alarm?
        for check in checks {
            guard let alarm = check.alarm else { continue }
            if let other = earliest, other.to <= alarm.to { continue }
            earliest = alarm
        }
        return earliest
    }

    /// Accepts the alarms that stand, because a person resumed knowing them. A check raises its
    /// next alarm on as much evidence again, a limit in the next step.
    public mutating func acknowledge() {
        for index in checks.indices { checks[index].acknowledge() }
    }

    /// First tries of the canary in this step: what `hold.requests` counts.
    public var canaryRequests: Int { step.canary.firstTries }

    /// The share of the last minute of this step; nil without requests.
    public func observed(at instant: Timestamp) -> ObservedShare? {
        window.observed(at: instant)
    }

    /// Counts since the trial began or was restored.
    var rollout: Tally {
        var rollout = earlier
        rollout.merge(step)
        return rollout
    }

    private var watchesScores: Bool {
        policy.score != nil || policy.checks.contains { $0.metric == .scoreDrift }
    }

    private mutating func addScores(of block: TrafficBlock) {
        guard watchesScores else { return }
        if let ruler {
            add(stable: block.stable.scores, canary: block.canary.scores, ruler: ruler)
            return
        }
        earlyScores.add(block)
        guard let cut = earlyScores.ruler else { return }
        ruler = cut
        add(stable: earlyScores.stable, canary: earlyScores.canary, ruler: cut)
        earlyScores = EarlyScores()
    }

    private mutating func add(stable: [Double], canary: [Double], ruler: ScoreRuler) {
        step.stable.add(scores: stable, ruler: ruler)
        step.canary.add(scores: canary, ruler: ruler)
    }

    private mutating func restore(_ saved: SavedEvidence) {
        stepNumber = max(0, saved.stepNumber)
        stepBegan = saved.stepBegan
        if saved.stepCounts.count == 8 { step.restore(saved.stepCounts) }
        for index in checks.indices {
            if let part = saved.parts.first(where: { $0.key == checks[index].key }) {
                checks[index].restore(part)
            }
        }
    }

    /// What a trial needs to go on after a restart.
    public var saved: SavedEvidence {
        SavedEvidence(
            lostRestarts: lostRestarts, stepNumber: stepNumber, stepBegan: stepBegan,
            stepCounts: step.savedCounts,
            parts: checks.map { check in
                SavedEvidence.Part(
                    key: check.key, numbers: check.savedNumbers, alarm: check.alarm,
                    acknowledged: check.acknowledged)
            })
    }
}

/// Scores that wait until a ruler can be cut.
private struct EarlyScores: Sendable {
    private(set) var stable: [Double] = []
    private(set) var canary: [Double] = []

    mutating func add(_ block: TrafficBlock) {
        stable += block.stable.scores.filter(\.isFinite)
        canary += block.canary.scores.filter(\.isFinite)
    }

    var ruler: ScoreRuler? {
        let isEnough = stable.count + canary.count >= ScoreRuler.scoresNeeded
        return isEnough ? ScoreRuler(cutFrom: stable + canary) : nil
    }
}
