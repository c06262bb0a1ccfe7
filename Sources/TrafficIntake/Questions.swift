public import Judgement
public import Rollouts

/// What the engine and readers ask, and what reaches a trial by other ways than Kong's log. For
/// a rollout that is not watched every answer is nil or false.
extension TrafficIntake {
    /// First tries of the last minute, judged or not.
    public func observed(_ name: RolloutName, at instant: Timestamp) -> ObservedShare? {
        rollout(name)?.use { $0.observed(at: instant) }
    }

    /// The first alarm that stands.
    public func alarm(of name: RolloutName) -> Alarm? { rollout(name)?.find { $0.trial.alarm } }

    /// The verdict on the present step: without a confirmed share inconclusive, or unhealthy
    /// where an alarm stands.
    public func gate(of name: RolloutName, at instant: Timestamp) -> Verdict? {
        rollout(name)?.use { $0.verdict(at: instant) }
    }

    /// Every number; may take 100 µs, in which the rollout's batches wait.
    public func assessment(of name: RolloutName, at instant: Timestamp) -> Assessment? {
        rollout(name)?.use { $0.trial.assessment(at: instant) }
    }

    public func saved(of name: RolloutName) -> SavedEvidence? {
        rollout(name)?.use { $0.trial.saved }
    }

    /// When a record was last counted, judged or not.
    public func lastRecord(of name: RolloutName) -> Timestamp? {
        rollout(name)?.find { $0.lastRecord }
    }

    /// First tries on the canary in this step.
    public func canaryRequests(of name: RolloutName) -> Int? {
        rollout(name)?.use { $0.trial.canaryRequests }
    }

    public func counts(of name: RolloutName) -> IntakeCounts? {
        rollout(name)?.use { $0.counts }
    }

    /// A value that somebody pushed for the checks of that name. False: not watched, or ended.
    public func measured(
        _ metric: String, isCanary: Bool, value: Double, of name: RolloutName,
        at instant: Timestamp
    ) -> Bool {
        change(name) {
            $0.measured(metric, isCanary: isCanary, value: value, at: instant)
        }
    }

    /// The answer to the query at `index` of the policy's checks; nil: it gave no number.
    public func queried(
        check index: Int, value: Double?, of name: RolloutName, at instant: Timestamp
    ) -> Bool {
        change(name) { $0.queried(check: index, value: value, at: instant) }
    }

    /// A person went on knowing the alarms that stand.
    public func acknowledge(_ name: RolloutName) { rollout(name)?.use { $0.acknowledge() } }

    private func change(
        _ name: RolloutName, _ change: (inout State) -> Void
    ) -> Bool {
        guard let rollout = rollout(name) else { return false }
        let due = rollout.use { state -> Notice? in
            guard !state.traffic.isEnded else { return nil }
            change(&state)
            return state.notice()
        }
        guard let due else { return false }
        tell(of: rollout, due)
        return true
    }
}
