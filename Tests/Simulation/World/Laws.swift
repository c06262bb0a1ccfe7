import Gateway
import RolloutJSON
import Rollouts

/// The promises, checked at every instant at which something is saved, written or served.
///
/// `@unchecked Sendable`: only one thread runs at any moment.
final class Laws: @unchecked Sendable {
    let durability: Durability
    let kong: SimulatedKong
    let tally: Tally
    var charges: [RolloutName: Charge] = [:]
    private let scheduler: Scheduler
    /// The weights that a write of ours is about to change.
    var before: [String: Int]?
    /// The newest rollout of each upstream.
    var lastUsers: [String: RolloutName] = [:]
    /// Told of every abort that was saved.
    var onAbort: (RolloutName) -> Void = { _ in }
    /// When somebody else last wrote to an upstream's targets; absent: not since a confirmation.
    var touches: [String: Duration] = [:]
    /// When somebody else last wrote to an upstream's targets, by its name.
    var hands: [String: Duration] = [:]
    /// Sequences of the events that each key of a client brought about.
    private var doings: [String: Set<Int>] = [:]
    /// How long a node may be silent before it is left out.
    static let grace = Duration.seconds(30)

    init(_ kong: SimulatedKong, _ tally: Tally, _ scheduler: Scheduler) {
        self.kong = kong
        self.tally = tally
        self.scheduler = scheduler
        durability = Durability(tally)
        kong.onServe = { [unowned self] node, upstream in judge(node, upstream) }
    }

    var now: Duration { scheduler.now }

    // MARK: What is saved

    func saved(_ entry: LedgerEntry, _ sequence: Int) {
        guard let name = Self.name(entry.key) else { return }
        let event = entry.event.flatMap { read($0, sequence) }
        if let event { count(event) }
        guard let document = entry.document else {
            charges[name] = nil
            return
        }
        guard let rollout = read(document) else { return }
        tally.note(
            "saved \(name) r\(rollout.revision) \(rollout.phase.name) \(rollout.wantedShare) % "
                + "by \(event?.actor ?? "?") \(event?.reason ?? "")")
        take(rollout, event)
    }

    func loaded(_ ledger: LoadedLedger) {
        let surprises = durability.loaded(ledger)
        var last: [String: HistoryEvent] = [:]
        for kept in ledger.events {
            guard let event = read(kept.json, kept.sequence) else { continue }
            count(event)
            last[kept.key] = event
        }
        for document in ledger.documents {
            guard surprises.contains(document.key), let rollout = read(document.json) else {
                continue
            }
            tally.note("found \(document.key) r\(rollout.revision) \(rollout.phase.name)")
            take(rollout, last[document.key])
        }
        let present = Set(ledger.documents.compactMap { Self.name($0.key) })
        for name in charges.keys.sorted() where !present.contains(name) { charges[name] = nil }
    }

    func notLoaded(_ error: LedgerError) {
        switch error {
        case .failed, .closed, .locked, .full, .stale: tally.note("not loaded: \(error)")
        case .unreadable(let reason): tally.accuse("durability: not readable: \(reason)")
        }
    }

    private func take(_ rollout: Rollout, _ event: HistoryEvent?) {
        let known = charges[rollout.name].flatMap {
            $0.rollout.createdAt == rollout.createdAt ? $0 : nil
        }
        var charge = known ?? Charge(rollout, nodes: kong.nodes.count)
        if let known {
            checkMove(from: known.rollout, to: rollout, event)
        } else {
            lastUsers[charge.upstream] = rollout.name
            noteBeginning(&charge)
        }
        if let event, event.actor == "kong", event.type.isConfirmation, let known {
            confirm(known.rollout, &charge)
        }
        charge.rollout = rollout
        charge.raise(to: rollout.wantedShare)
        if rollout.phase.name == .aborting, charge.abortedAt == nil {
            charge.abortedAt = now
            onAbort(rollout.name)
        }
        charge.stoppedAt = rollout.phase.posture == .full ? nil : charge.stoppedAt ?? now
        charges[rollout.name] = charge
    }

    /// What the canary has before anything was asked for is not the rollout's doing.
    private func noteBeginning(_ charge: inout Charge) {
        guard let upstream = kong.rows.upstream(charge.upstream) else { return }
        if let share = charge.share(of: kong.rows.weights(upstream.id)) {
            charge.raise(to: share.roundedToNearest)
        }
        for node in kong.nodes.indices {
            for worker in kong.nodes[node].workers.indices {
                guard let seen = kong.served(node, worker, upstream.id),
                    let share = charge.share(of: seen)
                else { continue }
                charge.ceilings[node] = max(charge.ceilings[node], share.roundedToNearest)
            }
        }
    }

    private func checkMove(from old: Rollout, to new: Rollout, _ event: HistoryEvent?) {
        let name = new.name
        if new.revision != old.revision + 1 {
            tally.accuse("revisions: \(name) went from \(old.revision) to \(new.revision)")
        }
        if old.phase.isEnded, new.phase != old.phase {
            tally.accuse("ended: \(name) moved from \(old.phase.name) to \(new.phase.name)")
        }
        if old.phase.name == .aborting, new.phase.name != .aborting, new.phase.name != .aborted {
            tally.accuse("abort: \(name) moved from aborting to \(new.phase.name)")
        }
        guard case .holding(let position, let since, let held) = old.phase, let event,
            event.actor == "hold"
        else { return }
        let served = held + new.updatedAt.milliseconds(since: since)
        if let time = position.hold(in: old.plan.steps).time, served < time.milliseconds {
            tally.accuse("hold: \(name) left after \(served) ms of \(time)")
        }
        if position.hold(in: old.plan.steps).approval {
            tally.accuse("hold: \(name) left without approval")
        }
    }

    // MARK: Keys

    private func count(_ event: HistoryEvent) {
        guard event.actor == "client", let key = event.reason else { return }
        doings[key, default: []].insert(event.id)
        if let count = doings[key]?.count, count > 1 {
            tally.accuse("keys: \(key) was carried out \(count) times")
        }
    }

    func hasBeenDone(_ key: String) -> Bool { doings[key] != nil }

    // MARK: Reading

    static func name(_ key: String) -> RolloutName? {
        guard key.hasPrefix("rollouts/") else { return nil }
        return RolloutName(String(key.dropFirst("rollouts/".count)))
    }

    private func read(_ document: [UInt8]) -> Rollout? {
        do { return try StoredRollout.read(document) } catch {
            tally.accuse("documents: not readable: \(error)")
            return nil
        }
    }

    private func read(_ event: [UInt8], _ sequence: Int) -> HistoryEvent? {
        do { return try StoredEvent.read(event, id: sequence) } catch {
            tally.accuse("events: not readable: \(error)")
            return nil
        }
    }
}

extension HistoryType {
    /// Whether it says that every node serves what was wanted.
    fileprivate var isConfirmation: Bool {
        switch self {
        case .registered, .confirmed, .promoted, .aborted: true
        case .created, .surveyed, .stepped, .paused, .resumed, .amended, .promoting, .aborting,
            .drained, .deleted, .abandoned, .judged:
            false
        }
    }
}
