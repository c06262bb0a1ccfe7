import Ledger
import Rollouts
import Synchronization
import Testing

private let time = Timestamp(milliseconds: 1_000_000)

@Suite struct RetentionTests {
    @Test func `events and answers outlive compaction within their limits`() async throws {
        let disk = SimulatedDisk()
        let compactions = Mutex(0)
        let ledger = open(disk, compactAfter: 4096) { note in
            if case .compacted = note { compactions.withLock { $0 += 1 } }
        }
        _ = try await ledger.load()
        let answer = KeptAnswer(
            key: "ci \"quoted\" é", json: Array("{\"status\":201}".utf8),
            expires: Timestamp(milliseconds: 2_000_000))
        let gone = KeptAnswer(
            key: "old", json: Array("{}".utf8), expires: Timestamp(milliseconds: 1_000_001))
        await ledger.keep(gone)
        for revision in 1...600 {
            let entry = LedgerEntry(
                key: "k", replacing: revision == 1 ? nil : revision - 1, revision: revision,
                document: Array("{\"r\":\(revision)}".utf8), event: Array("{}".utf8),
                answer: revision == 1 ? answer : nil)
            _ = try await ledger.append(entry, at: time)
        }
        await ledger.close()
        #expect(compactions.withLock { $0 } > 0)
        let again = open(disk, now: Timestamp(milliseconds: 1_500_000))
        let loaded = try await again.load()
        #expect(loaded.events.count == 500)
        #expect(loaded.events.last?.sequence == loaded.lastSequence)
        #expect(loaded.answers == [answer])
        #expect(loaded.documents.map(\.json) == [Array("{\"r\":600}".utf8)])
        await again.close()
    }

    @Test func `what was forgotten stays forgotten over compactions that read no journal`()
        async throws
    {
        let disk = SimulatedDisk()
        let compactions = Mutex(0)
        let ledger = open(disk, compactAfter: 4096) { note in
            if case .compacted = note { compactions.withLock { $0 += 1 } }
        }
        _ = try await ledger.load()
        _ = try await ledger.append(entry("gone", replacing: nil, revision: 1), at: time)
        _ = try await ledger.append(entry("back", replacing: nil, revision: 1), at: time)
        var revision = 0
        func compact() async throws {
            let before = compactions.withLock { $0 }
            while compactions.withLock({ $0 }) == before {
                _ = try await ledger.append(
                    entry("k", replacing: revision == 0 ? nil : revision, revision: revision + 1),
                    at: time)
                revision += 1
            }
        }
        try await compact()
        for key in ["gone", "back"] {
            _ = try await ledger.append(
                entry(key, replacing: 1, revision: 2, text: nil), at: time)
        }
        _ = try await ledger.append(entry("back", replacing: nil, revision: 1), at: time)
        try await compact()
        try await compact()
        await ledger.close()
        let again = open(disk)
        let loaded = try await again.load()
        #expect(loaded.documents.map(\.key).sorted() == ["back", "k"])
        #expect(loaded.documents.map(\.revision).sorted() == [1, revision])
        await again.close()
    }

    @Test func `many appends share a sync`() async throws {
        let disk = SimulatedDisk()
        let ledger = open(disk)
        _ = try await ledger.load()
        let before = disk.state.withLock { state in
            state.syncTime = 5000
            return state.syncs
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask {
                    _ = try await ledger.append(
                        entry("k/\(number)", replacing: nil, revision: 1), at: time)
                }
            }
            try await group.waitForAll()
        }
        #expect(disk.state.withLock { $0.syncs } - before < 50)
        await ledger.close()
    }

    @Test func `a full disk takes aborts alone until space returns`() async throws {
        let disk = SimulatedDisk()
        let ledger = open(disk)
        _ = try await ledger.load()
        _ = try await ledger.append(entry("k", replacing: nil, revision: 1), at: time)
        disk.state.withLock { $0.capacity = 0 }
        // The room made ahead is used up first.
        var revision = 1
        var refusal: LedgerError?
        while refusal == nil, revision < 1000 {
            do {
                _ = try await ledger.append(
                    entry("k", replacing: revision, revision: revision + 1), at: time)
                revision += 1
            } catch {
                refusal = error
            }
        }
        #expect(refusal == .full)
        var aborts = 0
        refusal = nil
        while refusal == nil, aborts < 1000 {
            do {
                _ = try await ledger.append(
                    entry("a/\(aborts)", replacing: nil, revision: 1, isUrgent: true),
                    at: time)
                aborts += 1
            } catch {
                refusal = error
            }
        }
        #expect(refusal == .full)
        // 4096 bytes of reserve, lines of about 150.
        #expect((15...40).contains(aborts))
        disk.state.withLock { $0.capacity = .max }
        _ = try await ledger.append(
            entry("k", replacing: revision, revision: revision + 1), at: time)
        await ledger.close()
        let again = open(disk)
        let loaded = try await again.load()
        #expect(loaded.documents.count == aborts + 1)
        #expect(loaded.lastSequence == revision + 1 + aborts)
        await again.close()
    }

    @Test func `an answer alone is saved without company`() async throws {
        let disk = SimulatedDisk()
        let ledger = open(disk)
        _ = try await ledger.load()
        let answer = KeptAnswer(
            key: "a", json: Array("{\"x\":[1]}".utf8), expires: Timestamp(milliseconds: 9_000_000))
        await ledger.keep(answer)
        await ledger.close()
        let again = open(disk)
        #expect(try await again.load().answers == [answer])
        await again.close()
    }
}
