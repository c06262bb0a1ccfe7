import Rollouts
import Testing

/// What every ledger must do, run over each implementation.
struct LedgerContract<L: RolloutLedger>: Sendable {
    private let make: @Sendable () async throws -> L

    /// - Parameter make: An empty ledger that nothing was called on yet.
    init(make: @escaping @Sendable () async throws -> L) { self.make = make }

    static var time: Timestamp { Timestamp(milliseconds: 1_000_000) }

    private func opened() async throws -> L {
        let ledger = try await make()
        let loaded = try await ledger.load()
        #expect(loaded.documents.isEmpty && loaded.events.isEmpty && loaded.lastSequence == 0)
        return ledger
    }

    static func entry(
        _ key: String, replacing: Int?, revision: Int, text: String? = "", isUrgent: Bool = false
    ) -> LedgerEntry {
        let document = text.map { Array("{\"r\":\(revision),\"text\":\"\($0)\"}".utf8) }
        return LedgerEntry(
            key: key, replacing: replacing, revision: revision, document: document,
            event: Array("{\"type\":\"changed\",\"revision\":\(revision)}".utf8),
            isUrgent: isUrgent)
    }

    private func expect(_ error: LedgerError, _ work: () async throws -> Void) async {
        await #expect(throws: error) { try await work() }
    }

    func appendsAreNumberedFromOne() async throws {
        let ledger = try await opened()
        for number in 1...5 {
            let sequence = try await ledger.append(
                Self.entry("k/\(number)", replacing: nil, revision: 1), at: Self.time)
            #expect(sequence == number)
        }
        await ledger.close()
    }

    func aRevisionIsReplacedOnlyByThoseWhoKnowIt() async throws {
        let ledger = try await opened()
        await expect(.stale(current: nil)) {
            _ = try await ledger.append(Self.entry("k", replacing: 1, revision: 2), at: Self.time)
        }
        _ = try await ledger.append(Self.entry("k", replacing: nil, revision: 1), at: Self.time)
        await expect(.stale(current: 1)) {
            _ = try await ledger.append(Self.entry("k", replacing: nil, revision: 1), at: Self.time)
        }
        _ = try await ledger.append(Self.entry("k", replacing: 1, revision: 2), at: Self.time)
        await expect(.stale(current: 2)) {
            _ = try await ledger.append(Self.entry("k", replacing: 1, revision: 2), at: Self.time)
        }
        await ledger.close()
    }

    func aForgottenKeyIsAbsent() async throws {
        let ledger = try await opened()
        _ = try await ledger.append(Self.entry("k", replacing: nil, revision: 1), at: Self.time)
        _ = try await ledger.append(
            Self.entry("k", replacing: 1, revision: 2, text: nil), at: Self.time)
        await expect(.stale(current: nil)) {
            _ = try await ledger.append(Self.entry("k", replacing: 2, revision: 3), at: Self.time)
        }
        _ = try await ledger.append(Self.entry("k", replacing: nil, revision: 1), at: Self.time)
        await ledger.close()
    }

    func ofManyWritersOneWins() async throws {
        let ledger = try await opened()
        _ = try await ledger.append(Self.entry("k", replacing: nil, revision: 1), at: Self.time)
        let wins = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    do {
                        _ = try await ledger.append(
                            Self.entry("k", replacing: 1, revision: 2), at: Self.time)
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wins == 1)
        await ledger.close()
    }

    func followersSeeEveryChangeInOrder() async throws {
        let ledger = try await opened()
        let changes = ledger.changes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    _ = try await ledger.append(
                        Self.entry("k/\(number)", replacing: nil, revision: 1), at: Self.time)
                }
            }
            try await group.waitForAll()
        }
        await ledger.close()
        var seen: [Int] = []
        for await change in changes { seen.append(change.sequence) }
        #expect(seen == Array(1...100))
    }

    func aFollowerTooFarBehindIsLetGo() async throws {
        let ledger = try await opened()
        let changes = ledger.changes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4200 {
                group.addTask {
                    _ = try await ledger.append(
                        Self.entry("k/\(number)", replacing: nil, revision: 1), at: Self.time)
                }
            }
            try await group.waitForAll()
        }
        // The stream ends although the ledger is open, and what it had is without gaps.
        var last = 0
        for await change in changes {
            #expect(change.sequence == last + 1)
            last = change.sequence
        }
        #expect(last < 4200)
        await ledger.close()
    }

    func whatCannotBeALineIsRefused() async throws {
        let ledger = try await opened()
        for key in ["", "a b", "a\"b", "a\\b", "a\nb", "é", String(repeating: "k", count: 513)] {
            await #expect(throws: LedgerError.self) {
                try await ledger.append(
                    Self.entry(key, replacing: nil, revision: 1), at: Self.time)
            }
        }
        for document in ["", "1", "{", "{}{}", "{\"a\":\n1}", "{\"a\":\"\t\"}", "[]", "{}\n"] {
            let entry = LedgerEntry(
                key: "k", replacing: nil, revision: 1, document: Array(document.utf8))
            await #expect(throws: LedgerError.self, "\(document)") {
                try await ledger.append(entry, at: Self.time)
            }
        }
        await ledger.close()
    }

    func aClosedLedgerSaysSo() async throws {
        let ledger = try await opened()
        await ledger.close()
        await ledger.close()
        await expect(.closed) {
            _ = try await ledger.append(Self.entry("k", replacing: nil, revision: 1), at: Self.time)
        }
        for await _ in ledger.changes() { Issue.record("a change of a closed ledger") }
    }
}
