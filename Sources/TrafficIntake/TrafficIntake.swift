public import Judgement
public import Rollouts
import Synchronization

/// Takes in what Kong's log plugin posts, and keeps each rollout's trial.
///
/// Thread-safe. Nothing here waits for the engine: of a new alarm it is told by `notice`, on the
/// thread that brought the batch and under no lock. Of everything else it is told by
/// ``noticesDue()``, asked at every ``tick``: for thousands of rollouts at once, so that a batch
/// which changes no verdict wakes nobody. A rollout is named at the next tick where a verdict is
/// waited for, otherwise in ``quietTicks``.
///
/// Memory is bounded whatever arrives: a body by ``bodyLimit``, a rollout by its targets, its
/// trial and its recent requests, and these by a budget for all rollouts together.
public final class TrafficIntake: Sendable {
    /// Bytes of a body. A larger one is malformed as a whole.
    public static let bodyLimit = 8 << 20
    /// Bytes for the recent requests of all rollouts, beyond 4 KiB for each.
    public static let memoryForRecentRequests = 16 << 20

    /// How often ``noticesDue()`` is to be asked.
    public static let tick = Duration.milliseconds(50)
    /// Ticks until the engine is told of counts for which no verdict waits: somewhat more than the
    /// 3 s in which it shows them once.
    static let quietTicks = DueNotices.most

    private struct Watched {
        var byName: [RolloutName: RolloutTraffic] = [:]
        /// By the hash of the secret, which is longer and less guessable than the hash.
        var bySecret: [UInt64: RolloutTraffic] = [:]

        mutating func remove(_ name: RolloutName) {
            guard let known = byName.removeValue(forKey: name) else { return }
            if bySecret[known.secret.hash] === known { bySecret[known.secret.hash] = nil }
        }
    }

    private let rollouts = Mutex(Watched())
    private let office: IntakeOffice

    /// - Parameter notice: Must return at once.
    public init(notice: @escaping @Sendable (RolloutName) -> Void) {
        office = IntakeOffice(notice: notice)
    }

    // Those that wait to be told of know the office, which holds them: without this, for ever.
    deinit { office.due.withLock { $0 = DueNotices() } }

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
        let made = RolloutTraffic(traffic, saved: saved, office: office)
        let known = rollouts.withLock { rollouts -> RolloutTraffic? in
            if let known = rollouts.byName[traffic.name], known.secret.matches(traffic.secret) {
                return known
            }
            rollouts.remove(traffic.name)
            rollouts.byName[traffic.name] = made
            rollouts.bySecret[made.secret.hash] = made
            return nil
        }
        known?.use { $0.update(traffic) }
    }

    /// Keeps nothing of the rollout.
    public func forget(_ name: RolloutName) {
        rollouts.withLock { $0.remove(name) }
    }

    /// Where bodies for `name` go; nil: no such rollout, it has ended, or another secret. Takes
    /// as long for every wrong secret.
    public func inlet(name: Span<UInt8>, secret: Span<UInt8>) -> RolloutTraffic? {
        let hash = Secret.hash(of: secret)
        guard let found = rollouts.withLock({ $0.bySecret[hash] }),
            found.isNamed(name), found.secret.matches(secret), !found.isEnded
        else { return nil }
        return found
    }

    /// Counts a body: an array of log records, or one. What is malformed is counted as that, and
    /// the rest all the same, so every body is to be answered as received.
    ///
    /// - Parameter instant: When it was received.
    public func receive(
        _ body: UnsafeRawBufferPointer, for name: RolloutName, at instant: Timestamp
    ) -> Reception {
        rollout(name)?.receive(body, at: instant) ?? .unknown
    }

    /// Goes on by a ``tick``: the rollouts of which the engine is to be told now, because something
    /// of them was counted.
    public func noticesDue() -> [RolloutName] {
        let due = office.due.withLock { $0.advance() }
        for rollout in due { rollout.use { $0.told() } }
        return due.map(\.name)
    }

    /// The engine will not ask about `name` more often than readers look, or, if `areUrgent`, it
    /// wants to know as soon as possible. A step that begins is always urgent, until this is told.
    public func expectQuestions(about name: RolloutName, areUrgent: Bool) {
        rollout(name)?.use { $0.expectQuestions(areUrgent: areUrgent) }
    }

    /// Of all rollouts since the start, those that are forgotten too.
    public var counts: IntakeCounts { office.counted.withLock { $0 } }

    func rollout(_ name: RolloutName) -> RolloutTraffic? {
        rollouts.withLock { $0.byName[name] }
    }

    func tell(of rollout: RolloutTraffic, _ due: Notice) { office.tell(of: rollout, due) }
}
