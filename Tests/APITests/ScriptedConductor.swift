import Rollouts
import Synchronization

/// A conductor that keeps rollouts in memory, moves them by the state machine, and fails when
/// told to. No gateway: commands that need one stay unconfirmed until `confirm` is called.
final class ScriptedConductor: Conductor {
    struct World {
        var states: [RolloutState] = []
        var events: [HistoryEvent] = []
        var failure: CommandError?
        var isReady = true
        var kept: [KeptAnswer] = []
        var terms: [CommandTerms] = []
        var followers: [(RolloutName?, AsyncStream<HistoryEvent>.Continuation)] = []
        var confirmsAtOnce = false
        var gap = false
        var waits: [Duration] = []
        var gate: CheckedContinuation<Void, Never>?
        var holdsCommands = false
        var commandsSeen = 0
        var measurements: [Measurement] = []
        /// Done once, between the reading of a rollout and its amending.
        var meanwhile: (@Sendable () -> Void)?
    }

    let world = Mutex(World())
    let clock: TestClock

    init(clock: TestClock) { self.clock = clock }

    func set(_ change: (inout World) -> Void) { world.withLock { change(&$0) } }
    func look<Value: Sendable>(_ read: (World) -> Value) -> Value { world.withLock { read($0) } }

    func state(of name: RolloutName) -> RolloutState? {
        look { $0.states.first { $0.rollout.name == name } }
    }

    func stamp(of name: RolloutName) -> RolloutStamp? { state(of: name).map(RolloutStamp.init) }

    func states() -> [RolloutState] { look { $0.states } }
    var isReady: Bool { look { $0.isReady } }

    private func fail() throws(CommandError) {
        if let failure = look({ $0.failure }) { throw failure }
    }

    /// Waits, when told to, until `release` is called.
    private func pause() async {
        set { $0.commandsSeen += 1 }
        guard look({ $0.holdsCommands }) else { return }
        await withCheckedContinuation { continuation in set { $0.gate = continuation } }
    }

    func release() {
        set {
            $0.holdsCommands = false
            $0.gate?.resume()
            $0.gate = nil
        }
    }

    func survey(_ plan: RolloutPlan) async throws(CommandError) -> [PlannedCall] {
        try fail()
        return [
            PlannedCall(
                method: "POST", path: "/upstreams", body: Array(#"{"name":"u"}"#.utf8), why: "new"),
            PlannedCall(method: "DELETE", path: "/upstreams/x", body: [], why: "old"),
        ]
    }

    func create(
        _ plan: RolloutPlan, _ terms: CommandTerms
    ) async throws(CommandError) -> Receipt {
        await pause()
        try fail()
        if state(of: plan.name) != nil { throw .nameTaken }
        var rollout = Rollout(plan: plan, createdAt: clock.now)
        if look({ $0.confirmsAtOnce }), plan.start == .auto {
            rollout = rollout.moved(
                to: .holding(.planned(0), since: clock.now, held: 0), at: clock.now)
        }
        return save(rollout, .created, terms, at: 0)
    }

    func perform(
        _ command: Event.Command, on name: RolloutName, _ terms: CommandTerms
    ) async throws(CommandError) -> Receipt {
        await pause()
        try fail()
        guard let state = state(of: name) else { throw .notFound }
        try check(terms, state)
        switch state.rollout.phase.applying(
            .command(command), in: state.rollout.context(at: clock.now))
        {
        case .unchanged: return Receipt(state: state, changed: false)
        case .refused(let refusal): throw .refused(refusal, state)
        case .moved(let phase, let type):
            let receipt = save(state.rollout.moved(to: phase, at: clock.now), type, terms)
            return look({ $0.confirmsAtOnce }) ? confirm(name) ?? receipt : receipt
        }
    }

    @discardableResult
    func confirm(_ name: RolloutName) -> Receipt? {
        guard let state = state(of: name),
            case .moved(let phase, let type) = state.rollout.phase.applying(
                .fact(.confirmed), in: state.rollout.context(at: clock.now))
        else { return nil }
        let terms = CommandTerms(actor: "kong", reason: nil, revisions: nil, answer: nil)
        return save(state.rollout.moved(to: phase, at: clock.now), type, terms)
    }

    private func check(_ terms: CommandTerms, _ state: RolloutState) throws(CommandError) {
        if let revisions = terms.revisions, !revisions.contains(state.rollout.revision) {
            throw .stale(current: state.rollout.revision)
        }
    }

    func amend(
        _ name: RolloutName, _ amendment: Amendment, _ terms: CommandTerms
    ) async throws(CommandError) -> Receipt {
        let meanwhile = look { $0.meanwhile }
        set { $0.meanwhile = nil }
        meanwhile?()
        try fail()
        guard let state = state(of: name) else { throw .notFound }
        try check(terms, state)
        let next: Rollout
        do throws(AmendmentFault) { next = try state.rollout.amended(by: amendment) } catch {
            throw .notAmendable(pointer: error.pointer, detail: error.detail, state)
        }
        guard next != state.rollout else { return Receipt(state: state, changed: false) }
        return save(next.changed(at: clock.now), .amended, terms)
    }

    /// As if somebody else had been first.
    func label(_ name: RolloutName, _ labels: [String: String]) {
        guard let state = state(of: name) else { return }
        var next = state.rollout.changed(at: clock.now)
        next.plan.labels.merge(labels) { $1 }
        let terms = CommandTerms(actor: "other", reason: nil, revisions: nil, answer: nil)
        _ = save(next, .amended, terms)
    }

    func measured(
        _ measurements: [Measurement], of name: RolloutName, _ terms: CommandTerms
    ) async throws(CommandError) -> Receipt {
        try fail()
        guard let state = state(of: name) else { throw .notFound }
        try check(terms, state)
        if state.rollout.phase.isEnded { throw .refused(.ended, state) }
        guard state.rollout.plan.analysis.isEnabled else { throw .refused(.notJudged, state) }
        set {
            $0.terms.append(terms)
            $0.measurements += measurements
        }
        return Receipt(state: state, changed: true)
    }

    func forget(
        _ name: RolloutName, abandon: Bool, _ terms: CommandTerms
    ) async throws(CommandError) {
        try fail()
        guard let state = state(of: name) else { throw .notFound }
        try check(terms, state)
        guard abandon || state.rollout.isDrained else { throw .notForgettable(state) }
        set {
            $0.terms.append(terms)
            $0.states.removeAll { $0.rollout.name == name }
        }
    }

    func plannedCalls(for name: RolloutName) async throws(CommandError) -> [PlannedCall] {
        try fail()
        return []
    }

    func gateways() async -> [GatewayDescription] {
        [
            GatewayDescription(
                name: "default", databaseMode: "postgres",
                nodes: [
                    .init(
                        address: "http://127.0.0.1:8001", isReachable: true, version: "3.9.1",
                        id: nil, workers: 2, message: nil)
                ], proxy: nil)
        ]
    }

    func settled(
        _ name: RolloutName, since epoch: Int, in phases: Set<Phase.Name>, within limit: Duration
    ) async -> RolloutState? {
        set { $0.waits.append(limit) }
        return state(of: name)
    }

    func history(of name: RolloutName?, after id: Int, limit: Int) -> HistoryPage {
        look { world in
            let all = world.events.filter {
                $0.id > id && (name == nil || $0.rollout == name)
            }
            return HistoryPage(
                events: Array(all.prefix(limit)), hasGap: world.gap, hasMore: all.count > limit)
        }
    }

    func follow(_ name: RolloutName?) -> AsyncStream<HistoryEvent> {
        let (stream, continuation) = AsyncStream<HistoryEvent>.makeStream()
        set { $0.followers.append((name, continuation)) }
        return stream
    }

    var lastEventID: Int { look { $0.events.last?.id ?? 0 } }
    func keep(_ answer: KeptAnswer) async { set { $0.kept.append(answer) } }
    func keptAnswers() -> [KeptAnswer] { look { $0.kept } }

    @discardableResult
    func save(
        _ rollout: Rollout, _ type: HistoryType, _ terms: CommandTerms, at place: Int? = nil
    ) -> Receipt {
        let state = RolloutState(rollout: rollout, view: GatewayView(), viewNumber: 0)
        set { world in
            world.terms.append(terms)
            let old = world.states.firstIndex { $0.rollout.name == rollout.name }
            let from = old.map { world.states[$0].rollout.phase.name }
            if let old { world.states[old] = state } else { world.states.insert(state, at: 0) }
            let event = HistoryEvent(
                id: (world.events.last?.id ?? 100) + 1, at: clock.now, rollout: rollout.name,
                revision: rollout.revision, type: type, from: from, to: rollout.phase.name,
                actor: terms.actor, reason: terms.reason, data: .init())
            world.events.append(event)
            for (name, follower) in world.followers where name == nil || name == rollout.name {
                follower.yield(event)
            }
        }
        return Receipt(state: state, changed: true)
    }
}

/// A wall clock that moves when told to.
final class TestClock: Sendable {
    private let moment = Mutex(Timestamp(milliseconds: 1_763_888_700_000))
    var now: Timestamp { moment.withLock { $0 } }

    func advance(seconds: Int) {
        moment.withLock { $0 = $0.advanced(byMilliseconds: Int64(seconds) * 1000) }
    }
}
