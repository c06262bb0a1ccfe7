import Rollouts

/// The real ledger, with the laws looking on.
struct ObservedLedger: RolloutLedger {
    private let base: any RolloutLedger
    private let laws: Laws
    private let process: ServiceProcess
    private let scheduler: Scheduler

    init(
        _ base: any RolloutLedger, _ laws: Laws, _ process: ServiceProcess,
        _ scheduler: Scheduler
    ) {
        self.base = base
        self.laws = laws
        self.process = process
        self.scheduler = scheduler
    }

    func load() async throws(LedgerError) -> LoadedLedger {
        do throws(LedgerError) {
            let loaded = try await base.load()
            if process.isAlive { laws.loaded(loaded) }
            return loaded
        } catch {
            if process.isAlive { laws.notLoaded(error) }
            throw error
        }
    }

    nonisolated(nonsending) func append(
        _ entry: LedgerEntry, at time: Timestamp
    ) async throws(LedgerError) -> Int {
        guard process.isAlive else { throw .closed }
        let attempt = laws.durability.begins(entry)
        do throws(LedgerError) {
            let sequence = try await base.append(entry, at: time)
            // Of what a dying process was told nobody hears.
            guard process.isAlive else { return sequence }
            laws.durability.saved(attempt)
            laws.saved(entry, sequence)
            return sequence
        } catch {
            if process.isAlive { laws.durability.failed(attempt) }
            throw error
        }
    }

    func keep(_ answer: KeptAnswer) async { await base.keep(answer) }
    func changes() -> AsyncStream<LedgerChange> { base.changes() }
    func close() async { await base.close() }
}

/// Planted: answers before anything is on the disk.
struct HastyLedger: RolloutLedger {
    let base: any RolloutLedger
    private let state = HastyState()

    init(_ base: any RolloutLedger) { self.base = base }

    func load() async throws(LedgerError) -> LoadedLedger {
        let loaded = try await base.load()
        state.last = loaded.lastSequence
        return loaded
    }

    nonisolated(nonsending) func append(
        _ entry: LedgerEntry, at time: Timestamp
    ) async throws(LedgerError) -> Int {
        state.last += 1
        let base = base
        _ = Task {
            do { _ = try await base.append(entry, at: time) } catch { return }
        }
        return state.last
    }

    func keep(_ answer: KeptAnswer) async { await base.keep(answer) }
    func changes() -> AsyncStream<LedgerChange> { base.changes() }
    func close() async { await base.close() }
}

/// `@unchecked Sendable`: only one thread runs at any moment.
private final class HastyState: @unchecked Sendable { var last = 0 }

/// Planted: keys of requests are not kept with what they did.
struct ForgetfulLedger: RolloutLedger {
    let base: any RolloutLedger

    func load() async throws(LedgerError) -> LoadedLedger { try await base.load() }

    nonisolated(nonsending) func append(
        _ entry: LedgerEntry, at time: Timestamp
    ) async throws(LedgerError) -> Int {
        try await base.append(
            LedgerEntry(
                key: entry.key, replacing: entry.replacing, revision: entry.revision,
                document: entry.document, event: entry.event, isUrgent: entry.isUrgent),
            at: time)
    }

    func keep(_ answer: KeptAnswer) async {}
    func changes() -> AsyncStream<LedgerChange> { base.changes() }
    func close() async { await base.close() }
}
