import Rollouts
import Synchronization

/// A gateway that says what the test wrote down, and remembers what it was told.
final class ScriptedGateway: GatewayPort {
    struct Script {
        var survey: @Sendable (RolloutPlan) -> Survey = { _ in .unreachable("down") }
        var woken: [String] = []
        var forgotten: [RolloutName] = []
    }

    let script = Mutex(Script())

    func survey(_ plan: RolloutPlan) async -> Survey { script.withLock { $0.survey }(plan) }
    func wake(_ name: RolloutName, gateway: String, isUrgent: Bool) {
        script.withLock { $0.woken.append("\(name)\(isUrgent ? "!" : "")") }
    }
    func forget(_ name: RolloutName, gateway: String) {
        script.withLock { $0.forgotten.append(name) }
    }
    func plannedCalls(for rollout: Rollout) async throws(GatewayUnreadable) -> [PlannedCall] {
        throw GatewayUnreadable(message: "down")
    }
    func descriptions() async -> [GatewayDescription] { [] }

    var woken: [String] { script.withLock { $0.woken } }
}

/// A wall clock that goes only when told to.
final class ManualWallClock: Sendable {
    private let time: Mutex<Int64>

    init(_ milliseconds: Int64 = 1_800_000_000_000) { time = Mutex(milliseconds) }

    var now: Timestamp { Timestamp(milliseconds: time.withLock { $0 }) }
    func advance(seconds: Int) { time.withLock { $0 += Int64(seconds) * 1000 } }
}

/// A ledger whose disk can be made to fail.
final class FailingLedger: RolloutLedger {
    private let base: any RolloutLedger
    let failure = Mutex<LedgerError?>(nil)
    let saved = Mutex<[LedgerEntry]>([])

    init(_ base: any RolloutLedger) { self.base = base }

    func load() async throws(LedgerError) -> LoadedLedger { try await base.load() }
    nonisolated(nonsending) func append(
        _ entry: LedgerEntry, at: Timestamp
    ) async throws(LedgerError) -> Int {
        if let failure = failure.withLock({ $0 }) { throw failure }
        let sequence = try await base.append(entry, at: at)
        saved.withLock { $0.append(entry) }
        return sequence
    }
    func keep(_ answer: KeptAnswer) async { await base.keep(answer) }
    func changes() -> AsyncStream<LedgerChange> { base.changes() }
    func close() async { await base.close() }
}
