public import Judgement
public import Rollouts
import Synchronization

/// Takes in what Kong's log plugin posts, and keeps each rollout's trial.
///
/// Thread-safe. Nothing here waits for the engine: it is told by `notice`, on the thread that
/// brought the batch and under no lock, that it may want to ask. Notices of one rollout are at
/// least 50 ms apart, unless there is a new alarm; what is held back is in ``noticesOwed(at:)``.
///
/// Memory is bounded whatever arrives: a body by ``bodyLimit``, a rollout by its targets, its
/// trial and its recent requests, and these by a budget for all rollouts together.
public final class TrafficIntake: Sendable {
    /// Bytes of a body. A larger one is malformed as a whole.
    public static let bodyLimit = 8 << 20
    /// Bytes for the recent requests of all rollouts, beyond 4 KiB for each.
    public static let memoryForRecentRequests = 16 << 20

    private let rollouts = Mutex<[RolloutName: RolloutTraffic]>([:])
    private let owing = Mutex<Set<RolloutName>>([])
    private let counted = Mutex(IntakeCounts())
    private let readers = ReaderPool()
    private let budget = MemoryBudget(bytes: TrafficIntake.memoryForRecentRequests)
    private let notice: @Sendable (RolloutName) -> Void

    /// - Parameter notice: Must return at once.
    public init(notice: @escaping @Sendable (RolloutName) -> Void) { self.notice = notice }

    /// Begins to watch a rollout, or takes what has changed of it; the same again changes
    /// nothing.
    ///
    /// - Parameter saved: What an earlier process left of the trial; read only when the rollout
    ///   is not watched yet, or has another secret: then it is another rollout of that name.
    public func watch(_ traffic: WatchedTraffic, saved: SavedEvidence?) {
        if let known = rollout(traffic.name), known.secret.matches(traffic.secret) {
            return known.use { $0.update(traffic) }
        }
        // Made before the lock is taken: at a start many are watched at once.
        let made = RolloutTraffic(traffic, saved: saved, budget: budget)
        let known = rollouts.withLock { rollouts -> RolloutTraffic? in
            if let known = rollouts[traffic.name], known.secret.matches(traffic.secret) {
                return known
            }
            rollouts[traffic.name] = made
            return nil
        }
        known?.use { $0.update(traffic) }
    }

    /// Keeps nothing of the rollout.
    public func forget(_ name: RolloutName) {
        rollouts.withLock { _ = $0.removeValue(forKey: name) }
        owing.withLock { _ = $0.remove(name) }
    }

    /// Whether a body for `name` is to be read. Takes as long for every wrong secret.
    public func isOpen(name: String, secret: String) -> Access {
        guard let rollout = RolloutName(name).flatMap(rollout) else {
            return Secret.ofNobody.matches(secret) ? .unknown : .unknown
        }
        guard rollout.secret.matches(secret) else { return .unknown }
        return rollout.isEnded ? .ended : .open
    }

    /// Counts a body: an array of log records, or one. What is malformed is counted as that, and
    /// the rest all the same, so every body is to be answered as received.
    ///
    /// - Parameter instant: When it was received.
    public func receive(
        _ body: UnsafeRawBufferPointer, for name: RolloutName, at instant: Timestamp
    ) -> Reception {
        guard let rollout = rollout(name) else { return .unknown }
        guard !rollout.isEnded else { return .ended }
        var batch = Batch(for: rollout, receivedAt: instant.milliseconds)
        let isReadable = body.count <= Self.bodyLimit
        let malformed = isReadable ? readers.read(body, into: &batch) ?? 1 : 1
        guard let due = rollout.count(batch, malformed: malformed, at: instant) else {
            return .ended
        }
        counted.withLock { $0.add(batch, malformed: malformed) }
        tell(name, due)
        return .counted(batch.counted)
    }

    /// Rollouts of which something was counted since the engine was last told; they are told
    /// now. Asked on the engine's tick: a burst's last batch may be the one that meets a gate.
    public func noticesOwed(at instant: Timestamp) -> [RolloutName] {
        let names = owing.withLock { owing in
            defer { owing = [] }
            return owing.sorted()
        }
        for name in names { rollout(name)?.use { $0.told(at: instant) } }
        return names
    }

    /// Of all rollouts since the start, those that are forgotten too.
    public var counts: IntakeCounts { counted.withLock { $0 } }

    func rollout(_ name: RolloutName) -> RolloutTraffic? { rollouts.withLock { $0[name] } }

    func tell(_ name: RolloutName, _ due: Notice) {
        switch due {
        case .now:
            owing.withLock { _ = $0.remove(name) }
            notice(name)
        case .owed:
            owing.withLock { _ = $0.insert(name) }
        case .none:
            break
        }
    }
}
