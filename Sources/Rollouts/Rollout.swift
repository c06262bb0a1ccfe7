/// One attempt to move a route's traffic from a stable version to a canary: all that is saved.
public struct Rollout: Hashable, Sendable {
    @Boxed public var plan: RolloutPlan
    /// Grows by one with every saved event.
    public var revision: Int
    /// The revision at which what the gateway should do last changed. Evidence that was gathered
    /// for an older one says nothing about this one.
    public var epoch: Int
    public let createdAt: Timestamp
    public var updatedAt: Timestamp
    public var phase: Phase
    /// When the phase was entered.
    public var phaseSince: Timestamp
    /// Nil until Kong was surveyed; before that nothing was written.
    @Boxed public var footing: Footing?
    /// Since when nothing of an ended rollout is left to take out of Kong; nil: not yet.
    public var drainedAt: Timestamp?
    /// What Kong's log records of this rollout are known by: in the path they are posted to.
    /// Nil: the rollout was never judged. Never shown.
    public var telemetrySecret: String?

    public var name: RolloutName { plan.name }

    public init(plan: RolloutPlan, createdAt: Timestamp, telemetrySecret: String? = nil) {
        self.plan = plan
        self.createdAt = createdAt
        revision = 1
        epoch = 1
        updatedAt = createdAt
        phase = .pending(registered: false)
        phaseSince = createdAt
        self.telemetrySecret = telemetrySecret
    }

    /// A rollout as it was saved.
    public init(
        plan: RolloutPlan, revision: Int, epoch: Int, createdAt: Timestamp, updatedAt: Timestamp,
        phase: Phase, phaseSince: Timestamp, footing: Footing?, drainedAt: Timestamp?,
        telemetrySecret: String? = nil
    ) {
        self.plan = plan
        self.revision = revision
        self.epoch = epoch
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.phase = phase
        self.phaseSince = phaseSince
        self.footing = footing
        self.drainedAt = drainedAt
        self.telemetrySecret = telemetrySecret
    }

    /// The share Kong should give the canary.
    public var wantedShare: TrafficShare { phase.wantedShare(in: plan.steps) }

    public func context(at now: Timestamp) -> TransitionContext {
        TransitionContext(steps: plan.steps, start: plan.start, now: now)
    }

    /// The verbs that would change something now.
    public func actions(at now: Timestamp) -> [Verb] { phase.actions(in: context(at: now)) }

    /// Whether all is over: ended, and nothing of it left to take out of Kong.
    public var isDrained: Bool { phase.isEnded && drainedAt != nil }

    /// The next revision, in `phase`.
    public func moved(to phase: Phase, at now: Timestamp) -> Rollout {
        var next = changed(at: now)
        next.epoch = next.revision
        next.phase = phase
        next.phaseSince = now
        return next
    }

    /// The next revision, otherwise the same.
    public func changed(at now: Timestamp) -> Rollout {
        var next = self
        next.revision += 1
        next.updatedAt = now
        return next
    }

    /// What a step waits for, in the words of the interface.
    ///
    /// - Parameter traffic: what the traffic showed of this step; nil: nothing is known.
    public func waitingFor(
        at now: Timestamp, isReachable: Bool, traffic: TrafficView? = nil
    ) -> [Waiting] {
        switch phase {
        case .pending(let registered):
            registered && plan.start == .manual ? [.start] : [.gateway]
        case .shifting, .promoting, .aborting:
            [.gateway]
        case .paused, .promoted, .aborted:
            []
        case .holding(let position, let since, let held):
            (isReachable ? [] : [.gateway])
                + Self.unmet(
                    position.hold(in: plan.steps), after: held + now.milliseconds(since: since),
                    traffic: traffic)
        }
    }

    /// When the hold's time is over; nil when it asks for none or the rollout is not holding.
    public var holdEnds: Timestamp? {
        guard case .holding(let position, let since, let held) = phase,
            let time = position.hold(in: plan.steps).time
        else { return nil }
        return since.advanced(byMilliseconds: max(0, time.milliseconds - held))
    }

    private static func unmet(
        _ hold: Hold, after elapsed: Int64, traffic: TrafficView?
    ) -> [Waiting] {
        var waiting: [Waiting] = []
        // Where stable gets nothing to compare with, a person has to say what no figure can.
        let asksPerson = hold.healthy && traffic?.verdict == nil && traffic != nil
        if hold.approval || asksPerson { waiting.append(.approval) }
        if let time = hold.time, elapsed < time.milliseconds { waiting.append(.time) }
        // Without telemetry these two are met only by a bare `step`.
        if let needed = hold.requests, traffic?.canaryRequests ?? 0 < needed {
            waiting.append(.requests)
        }
        if hold.healthy, !asksPerson, traffic?.verdict != .healthy { waiting.append(.verdict) }
        return waiting
    }
}

/// What a rollout may wait for.
public enum Waiting: String, CaseIterable, Sendable {
    case gateway, start, approval, time, requests, verdict
}
