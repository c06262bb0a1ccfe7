public import Rollouts
import RolloutJSON

/// The single writer: decides, saves, then lets Kong be touched.
///
/// A change is decided by the pure state machine, saved in the ledger, shown to readers, and only
/// then told to the gateway, as a hint to look. Changes of one rollout take turns; changes of
/// different rollouts are saved together. Reads never wait for a writer.
public actor RolloutEngine {
    let ledger: any RolloutLedger
    let gateways: any GatewayPort
    /// Nil: no rollout is judged.
    let traffic: (any TrafficPort)?
    let newSecret: @Sendable () -> String
    let now: @Sendable () -> Timestamp
    let sleep: @Sendable (Duration) async -> Void
    let notice: @Sendable (EngineNotice) -> Void
    nonisolated let board = Board()
    nonisolated let history = HistoryBook()
    nonisolated let loadedAnswers: [KeptAnswer]

    var turns = Turns()
    var holdings = Holdings()
    var users = UpstreamUsers()
    var deadlines = Deadlines()
    var progress: [RolloutName: ProgressClock] = [:]
    var waiters = OutcomeWaiters()
    /// Rollouts of which ``written`` is kept, some 2 KiB each.
    static let writtenLimit = 4096
    /// What seldom changes of a rollout's document, as it was last written.
    var written: [RolloutName: StoredRollout.Parts] = [:]
    /// The epoch of each rollout for which the end of its hold's time was told.
    var timeIsOver: [RolloutName: Int] = [:]
    nonisolated let news = TrafficNews()
    /// What was last told to who counts the traffic, of each rollout that is judged.
    var watches: [RolloutName: Boxed<WatchedRollout>] = [:]
    var evidence: [RolloutName: EvidenceRecord] = [:]
    /// When readers were last shown what the traffic says.
    var shownTraffic: [RolloutName: Timestamp] = [:]
    /// Never repeats, not even over restarts: it begins at the wall clock's milliseconds.
    var viewCounter: Int
    /// Sleeps until the next deadline; cancelled when an earlier one comes.
    private var sleeper: (until: Timestamp, task: Task<Void, Never>)?

    /// Reads the ledger and shows what it holds.
    ///
    /// - Parameters:
    ///   - traffic: counts and judges; nil: no rollout is judged.
    ///   - newSecret: what a rollout's log records are known by, another at each call.
    ///   - now: wall-clock time.
    ///   - sleep: returns early when the task is cancelled.
    ///   - notice: told what happened, for logs and metrics; must not block.
    /// - Throws: ``StartError`` when the ledger, or a document in it, cannot be read.
    public init(
        ledger: any RolloutLedger, gateways: any GatewayPort,
        traffic: (any TrafficPort)? = nil, newSecret: @escaping @Sendable () -> String = { "" },
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async -> Void = RolloutEngine.sleep(for:),
        notice: @escaping @Sendable (EngineNotice) -> Void
    ) async throws(StartError) {
        let loaded: LoadedLedger
        do throws(LedgerError) { loaded = try await ledger.load() } catch { throw .ledger(error) }
        self.ledger = ledger
        self.gateways = gateways
        self.traffic = traffic
        self.newSecret = newSecret
        self.now = now
        self.sleep = sleep
        self.notice = notice
        loadedAnswers = loaded.answers
        viewCounter = Int(now().milliseconds)
        for remark in loaded.remarks { notice(.remark(remark)) }
        try await show(loaded)
        board.isReady = true
    }

    /// Serves the clocks of holds and deadlines until cancelled.
    public func run() async {
        for state in board.states where !state.rollout.isDrained {
            gateways.wake(
                state.rollout.name, gateway: state.rollout.plan.gateway,
                isUrgent: state.rollout.phase.name == .aborting)
        }
        let judging = Task { await self.judgeNews() }
        defer { judging.cancel() }
        while !Task.isCancelled {
            while let name = deadlines.popDue(at: now()) { await look(at: name) }
            await sleepUntilDue()
        }
        history.close()
    }

    /// The machine's own time.
    public static func sleep(for duration: Duration) async {
        // Cancelled: whoever slept looks at its task and ends.
        do { try await Task.sleep(for: duration) } catch { return }
    }

    /// At most one second, so that a wall clock that was set is noticed.
    private func sleepUntilDue() async {
        let present = now()
        let limit = present.advanced(byMilliseconds: 1_000)
        let until = min(deadlines.next ?? limit, limit)
        let pause = Duration.milliseconds(max(1, until.milliseconds - present.milliseconds))
        let task = Task { await sleep(pause) }
        sleeper = (until, task)
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        sleeper = nil
    }

    /// Looks at a rollout at `due` again.
    func look(at name: RolloutName, due: Timestamp) {
        deadlines.add(name, due: due)
        if let sleeper, due < sleeper.until { sleeper.task.cancel() }
    }
}

/// Why the engine did not start. Nothing was written.
public enum StartError: Error, Sendable {
    case ledger(LedgerError)
    /// A document that this version cannot read.
    case document(key: String, String)
}

extension StartError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .ledger(.unreadable(let reason)), .ledger(.locked(let reason)),
            .ledger(.failed(let reason)):
            reason
        case .ledger(.full):
            "the disk of the data directory is full; free some space, then start again"
        case .ledger(.closed), .ledger(.stale):
            "the ledger was closed while it was read"
        case .document(let key, let reason):
            "\(key) in the data directory cannot be read: \(reason); nothing was changed; restore "
                + "the directory from a copy, or start the version that wrote it"
        }
    }
}

/// What happened, for logs and metrics.
public enum EngineNotice: Sendable {
    case saved(HistoryEvent)
    case notSaved(RolloutName, LedgerError)
    case remark(String)
}
