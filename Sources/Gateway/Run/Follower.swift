internal import Rollouts

/// Keeps Kong at what one rollout wants. Each pass rereads what is saved and closes the gap; what
/// is remembered between passes only saves reads and is safe to lose.
actor Follower {
    /// When to look again.
    enum Next: Sendable {
        case forget
        /// Something is under way.
        case soon(Duration)
        /// Nothing is to do; only drift is watched.
        case idle(Duration)
    }

    let name: RolloutName
    let site: Site
    var view = GatewayView()
    var reportedView = GatewayView()
    /// What was last read, brought up to date by every write that Kong has answered.
    var sighting: Sighting?
    var seenAt = Duration.zero
    var knownEpoch = 0
    /// The epoch for which the rows were made to match.
    var appliedEpoch = 0
    /// The epoch of the abort whose first writes rested on what had been read before it.
    var blindEpoch = 0
    /// Last weight written through each node, and through any.
    var writtenThrough: [Int: Duration] = [:]
    var writtenAt: Duration?
    /// Nodes that were silent when a weight was written: they hear it as soon as they answer.
    var unheard: Set<Int> = []
    var kicks: [Int: (count: Int, at: Duration)] = [:]
    var repairs: [Duration] = []
    var switchedAt: Duration?
    /// What every node was last seen to serve; nil: something was written since.
    var confirmedShare: TrafficShare?
    /// Targets that health checks took out on some node, as last read.
    var takenOut: Set<String> = []
    var failures = 0
    var polls = 0
    /// The copies of a weight that are on their way to other nodes.
    var copies: [Int: Task<Void, Never>] = [:]
    var lastCopy = 0
    var mayHaveCrossed = false
    var telemetry = TelemetryMemory()

    /// - Parameter appraisal: what the survey said when the rollout was created.
    init(_ name: RolloutName, on site: Site, appraised appraisal: Appraisal? = nil) {
        self.name = name
        self.site = site
        if let appraisal { view.note(appraisal, at: site.clock.timestamp()) }
    }

    var clock: GatewayClock { site.clock }

    func pass() async -> Next {
        for _ in 0..<16 {
            guard let rollout = await site.source.saved(name), !rollout.isDrained else {
                return .forget
            }
            begin(rollout)
            let upstream = rollout.footing?.upstream.name ?? "rollout \(name)"
            guard site.enter(upstream) else { return .soon(.milliseconds(10)) }
            let next: Next?
            do throws(Setback) {
                next = try await advance(rollout)
                failures = 0
            } catch {
                next = await recover(from: error, rollout)
            }
            site.leave(upstream)
            if let next { return next }
            // Cut off for the sake of an abort, which has a pass of its own.
            if Task.isCancelled { return .soon(.zero) }
        }
        return .soon(.milliseconds(50))
    }

    /// Whether Kong was asked for what is saved now, and did not answer.
    func hasFailedAtThis() async -> Bool {
        guard failures > 0 else { return false }
        return await site.source.saved(name)?.epoch == knownEpoch
    }

    private func begin(_ rollout: Rollout) {
        guard rollout.epoch != knownEpoch else { return }
        knownEpoch = rollout.epoch
        // Nothing moves when a confirmed share is merely held.
        if confirmedShare != rollout.wantedShare {
            confirmedShare = nil
            view.confirmedAt = nil
        }
        polls = 0
        failures = 0
        kicks = [:]
        // Whoever resumed has seen to it; the next repairs tell.
        if rollout.phase.name != .paused { view.clear(.uncontested) }
    }

    /// Nil: go round again.
    private func recover(from setback: Setback, _ rollout: Rollout) async -> Next? {
        let isAbort = rollout.phase.name == .aborting
        switch setback {
        case .overtaken:
            return nil
        case .outdated:
            sighting = nil
            failures += 1
            return failures < 4 ? nil : wait(isAbort)
        case .unavailable(let message):
            sighting = nil
            failures += 1
            view.isReachable = !site.roster.isDown
            view.applied = nil
            view.set(
                .gatewayInSync, .unknown, "Unreachable",
                "Gateway \(site.name) does not answer: \(message). It is tried again by itself.",
                at: clock.timestamp())
            await show(rollout)
            return wait(isAbort)
        case .refused(let message):
            sighting = nil
            failures += 1
            view.set(
                .gatewayAccepts, .bad, "Refused",
                "Kong refused: \(message). Put it right, then resume or abort.",
                at: clock.timestamp())
            let cause = Cause(
                by: "kong", reason: .refusedByKong, message: message, at: clock.timestamp())
            let after = await report(.refused(cause), rollout)
            return after?.epoch == rollout.epoch ? wait(isAbort) : nil
        }
    }

    private func wait(_ isAbort: Bool) -> Next {
        .soon(
            backoff(
                failures: failures, limit: isAbort ? .seconds(2) : .seconds(30),
                jitter: clock.random()))
    }

    /// Returns the rollout as saved afterwards.
    @discardableResult
    func report(_ finding: GatewayReport.Finding, _ rollout: Rollout) async -> Rollout? {
        reportedView = view
        return await site.source.took(
            GatewayReport(rollout: name, epoch: rollout.epoch, finding: finding, view: view))
    }

    func show(_ rollout: Rollout) async {
        if view != reportedView { await report(.looked, rollout) }
    }

    /// Ends the pass's work for `rollout` once something newer is saved.
    func stayCurrent(_ rollout: Rollout) async throws(Setback) {
        guard let saved = await site.source.saved(name), saved.epoch == rollout.epoch else {
            throw .overtaken
        }
    }
}
