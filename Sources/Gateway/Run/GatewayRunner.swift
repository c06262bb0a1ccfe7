internal import Rollouts
internal import Synchronization

/// Follows all rollouts of one gateway: one loop, a bounded number of passes at once, and nothing
/// kept running for a rollout that only waits.
final class GatewayRunner: Sendable {
    private struct State {
        var schedule = Schedule()
        var followers: [RolloutName: Follower] = [:]
        /// The pass of each rollout that is under way.
        var passes: [RolloutName: Task<Follower.Next, Never>] = [:]
        /// What surveys found beside what is saved, for the conditions of rollouts to come.
        var appraisals: [RolloutName: Appraisal] = [:]
    }

    /// Surveys whose rollout was never created are forgotten beyond this.
    private static let appraisalLimit = 1_000
    /// How long an abort waits for a call that was under way when it was saved.
    private static let patience = Duration.milliseconds(250)
    /// Between two looks at a rollout whose gateway is down.
    private static let longWait = Duration.seconds(30)

    let configuration: GatewayConfiguration
    let roster: NodeRoster
    let clock: GatewayClock
    private let bell = Bell()
    private let state = Mutex(State())

    init(_ configuration: GatewayConfiguration, clock: GatewayClock) {
        self.configuration = configuration
        self.clock = clock
        roster = NodeRoster(configuration.nodes)
    }

    func wake(_ name: RolloutName, isUrgent: Bool) {
        let pass = state.withLock { state in
            state.schedule.wake(name, isUrgent: isUrgent)
            return isUrgent ? state.passes[name] : nil
        }
        bell.ring()
        if let pass { cutShort(pass) }
    }

    /// A Kong that hangs would keep an abort waiting for the whole call; what was cut off is
    /// "perhaps applied", so the next pass reads first.
    private func cutShort(_ pass: Task<Follower.Next, Never>) {
        Task {
            await clock.sleep(Self.patience)
            pass.cancel()
        }
    }

    func forget(_ name: RolloutName) {
        state.withLock { state in
            state.schedule.forget(name)
            state.followers[name] = nil
        }
    }

    func remember(_ appraisal: Appraisal, of name: RolloutName) {
        state.withLock { state in
            if state.appraisals.count >= Self.appraisalLimit { state.appraisals = [:] }
            state.appraisals[name] = appraisal
        }
    }

    func run(reporting source: any RolloutSource, log: @escaping @Sendable (String) -> Void) async {
        let site = Site(configuration, clock: clock, source: source, roster: roster, log: log)
        await withDiscardingTaskGroup { group in
            group.addTask { await self.probe() }
            while !Task.isCancelled {
                while let follower = next(at: site) {
                    group.addTask { await self.run(follower) }
                }
                if let pause = state.withLock({ $0.schedule.pause(at: clock.now()) }) {
                    await bell.heard(within: pause, on: clock)
                } else {
                    await bell.heard()
                }
            }
            group.cancelAll()
        }
    }

    private func next(at site: Site) -> Follower? {
        state.withLock { state in
            guard let name = state.schedule.start(at: clock.now()) else { return nil }
            if let known = state.followers[name] { return known }
            let follower = Follower(
                name, on: site, appraised: state.appraisals.removeValue(forKey: name))
            state.followers[name] = follower
            return follower
        }
    }

    private func run(_ follower: Follower) async {
        // While nobody answers, one probe asks for all; its first success wakes everybody.
        if roster.isDown, await follower.hasFailedAtThis() {
            let now = clock.now()
            state.withLock {
                $0.schedule.finish(
                    follower.name, after: Self.longWait, isIdle: false, at: now)
            }
            return bell.ring()
        }
        let pass = Task { await follower.pass() }
        let isAwaited = state.withLock { state in
            state.passes[follower.name] = pass
            return state.schedule.isUrgentlyAwaited(follower.name)
        }
        if isAwaited { cutShort(pass) }
        let next = await withTaskCancellationHandler {
            await pass.value
        } onCancel: {
            pass.cancel()
        }
        let now = clock.now()
        state.withLock { state in
            state.passes[follower.name] = nil
            switch next {
            case .forget:
                state.schedule.finish(follower.name, after: nil, isIdle: false, at: now)
                state.followers[follower.name] = nil
            case .soon(let delay):
                state.schedule.finish(follower.name, after: delay, isIdle: false, at: now)
            case .idle(let delay):
                state.schedule.finish(follower.name, after: delay, isIdle: true, at: now)
            }
        }
        bell.ring()
    }

    /// Asks silent nodes each second; the first answer of a gateway that was down wakes all.
    private func probe() async {
        while !Task.isCancelled {
            await clock.sleep(.seconds(1))
            let silent = roster.silent
            guard !silent.isEmpty else { continue }
            let wasDown = roster.isDown
            await withTaskGroup(of: Void.self) { group in
                for index in silent {
                    group.addTask {
                        do throws(NodeError) {
                            try await self.roster.nodes[index].probe()
                            self.roster.answered(index)
                        } catch {
                            self.roster.fell(index, silentAt: self.clock.now(), error.message)
                        }
                    }
                }
            }
            if wasDown, !roster.isDown {
                state.withLock { $0.schedule.wakeAll() }
                bell.ring()
            }
        }
    }
}
