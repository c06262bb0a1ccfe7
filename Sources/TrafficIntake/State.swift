internal import Judgement
internal import Rollouts

/// What is known of one rollout's traffic.
struct State: Sendable {
    /// Addresses of host names that records may tell, beyond those Kong's health answer tells.
    static let mostLearned = 256

    private(set) var traffic: WatchedTraffic
    private(set) var trial: Trial
    private(set) var owners: Owners
    var recent: RecentRequests
    private(set) var counts = IntakeCounts()
    /// Receipt of the last batch with a record that was counted.
    private(set) var lastRecord: Timestamp?
    private var window = ShareWindow()
    private(set) var learned: [LogAddress: Owner] = [:]
    /// Whether a record has been judged in this step.
    private var hasJudged = false
    /// In how many ticks the engine will be told; nil: nothing was counted since it was.
    private var due: Int?
    private var isUrgent = true
    /// The alarm that the engine was last told of.
    private var noticedAlarm: Alarm?

    init(_ traffic: WatchedTraffic, saved: SavedEvidence?, budget: MemoryBudget) {
        self.traffic = traffic
        trial = Trial(policy: traffic.policy, saved: saved)
        owners = Owners(traffic, learned: [:])
        recent = RecentRequests(budget: budget)
        // An alarm that stands from before was told before.
        noticedAlarm = trial.alarm
        trial.setShare(expected: traffic.expectedShare)
        beginStep(hasChanged: false)
    }

    mutating func update(_ new: WatchedTraffic) {
        let old = traffic
        traffic = new
        isUrgent = true
        if new.policy != old.policy { trial.amend(policy: new.policy) }
        if (new.stable, new.canary) != (old.stable, old.canary) || new.addresses != old.addresses {
            // What records told may be as old as what Kong's answer told.
            learned = [:]
            owners = Owners(new, learned: [:])
        }
        if new.expectedShare != old.expectedShare { trial.setShare(expected: new.expectedShare) }
        beginStep(hasChanged: new.step != old.step)
        if new.isEnded { recent.forgetAll() }
    }

    /// The tallies of both versions begin at one instant: when the share is judged from, or, to
    /// show nothing of the step before, when it was asked for. An interruption within a step
    /// leaves them as they are, for the share is the same.
    private mutating func beginStep(hasChanged: Bool) {
        if hasChanged { hasJudged = false }
        guard let step = traffic.step, !hasJudged, !traffic.isEnded else { return }
        if let instant = traffic.judgesSince ?? (hasChanged ? step.since : nil) {
            trial.beginStep(share: step.share, at: instant)
        }
    }

    mutating func count(_ batch: Batch, malformed: Int, at instant: Timestamp) -> Notice {
        counts.add(batch, malformed: malformed)
        learn(batch.learned)
        guard batch.counted > 0 else { return .none }
        lastRecord = max(lastRecord ?? instant, instant)
        let block = batch.block
        window.count(
            stableFirstTries: block.stable.firstTries, canaryFirstTries: block.canary.firstTries,
            canaryAttempts: block.canary.attempts, at: instant)
        let attempts = block.stable.attempts + block.canary.attempts + block.foreign
        if attempts > 0, traffic.judges(at: instant) {
            hasJudged = true
            trial.count(block, at: instant)
        }
        return notice()
    }

    private mutating func learn(_ addresses: [LogAddress: Owner]) {
        var hasNew = false
        for (address, owner) in addresses where learned[address] != owner {
            guard learned.count < Self.mostLearned || learned[address] != nil else { continue }
            learned[address] = learned[address]?.joined(with: owner) ?? owner
            hasNew = true
        }
        if hasNew { owners = Owners(traffic, learned: learned) }
    }

    /// A new alarm is told at once, everything else with what else there is.
    mutating func notice() -> Notice {
        let alarm = trial.alarm
        if let alarm, alarm != noticedAlarm {
            noticedAlarm = alarm
            return .now
        }
        // An alarm that still stands is one that the engine could not act upon.
        let ticks = isUrgent || alarm != nil ? 1 : TrafficIntake.quietTicks
        if let due, due <= ticks { return .none }
        due = ticks
        return .due(ticks: ticks)
    }

    mutating func told() {
        due = nil
        noticedAlarm = trial.alarm
    }

    mutating func expectQuestions(areUrgent: Bool) { isUrgent = areUrgent }

    /// The verdict on the present step; without it there is none to give but an alarm's.
    func verdict(at instant: Timestamp) -> Verdict {
        guard traffic.judges(at: instant) else {
            return trial.alarm == nil ? .inconclusive : .unhealthy
        }
        return trial.gate(at: instant)
    }

    func observed(at instant: Timestamp) -> ObservedShare? { window.observed(at: instant) }

    mutating func measured(_ metric: String, isCanary: Bool, value: Double, at instant: Timestamp) {
        trial.measured(name: metric, isCanary: isCanary, value: value, at: instant)
    }

    mutating func queried(check index: Int, value: Double?, at instant: Timestamp) {
        trial.queried(check: index, value: value, at: instant)
    }

    mutating func acknowledge() {
        trial.acknowledge()
        noticedAlarm = trial.alarm
    }
}
