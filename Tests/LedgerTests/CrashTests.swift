import Ledger
import Rollouts
import Synchronization
import TestSupport
import Testing

private let time = Timestamp(milliseconds: 1_000_000)

/// What a person was told is saved, and what may have been saved without an answer.
private struct Model {
    var acknowledged: [String: Int] = [:]
    var perhaps: [String: Int?] = [:]

    /// Appends until power fails or `count` are through.
    mutating func work(
        on ledger: JSONLedger, count: Int, random: inout Seed
    ) async {
        for _ in 0..<count {
            let key = "k/\(Int.random(in: 0..<6, using: &random))"
            let current = acknowledged[key]
            let revision = (current ?? 0) + 1
            let forgets = current != nil && Int.random(in: 0..<5, using: &random) == 0
            let text = String(repeating: "x", count: Int.random(in: 0..<700, using: &random))
            do {
                _ = try await ledger.append(
                    entry(
                        key, replacing: current, revision: revision, text: forgets ? nil : text),
                    at: time)
                acknowledged[key] = forgets ? nil : revision
            } catch {
                perhaps[key] = .some(forgets ? nil : revision)
                return
            }
        }
    }

    func check(_ loaded: LoadedLedger, _ comment: Comment) {
        let found = Dictionary(
            uniqueKeysWithValues: loaded.documents.map { ($0.key, $0.revision) })
        for key in Set(found.keys).union(acknowledged.keys).union(perhaps.keys) {
            let isAcknowledged = found[key] == acknowledged[key]
            let isPerhaps = perhaps[key].map { $0 == found[key] } ?? false
            #expect(isAcknowledged || isPerhaps, "\(key), \(comment)")
        }
        for document in loaded.documents {
            let text = String(decoding: document.json, as: UTF8.self)
            #expect(text.hasPrefix("{\"r\":\(document.revision),"), comment)
        }
    }
}

@Suite struct CrashTests {
    /// Every call to the disk is the last once, in a run that compacts several times.
    @Test func `power loss at any call loses nothing acknowledged`() async throws {
        for call in 0..<180 {
            var random = Seed(UInt64(call))
            let disk = SimulatedDisk()
            disk.state.withLock { $0.faults[call] = .powerLoss }
            var model = Model()
            let ledger = open(disk, compactAfter: 4096)
            do {
                _ = try await ledger.load()
                await model.work(on: ledger, count: 40, random: &random)
                await ledger.close()
            } catch {}
            // One loss of power, several outcomes.
            let image = disk.state.withLock { $0 }
            for _ in 0..<4 {
                let disk = SimulatedDisk(image)
                disk.restart(random: &random)
                let again = open(disk)
                let loaded = try await again.load()
                model.check(loaded, "call \(call)")
                // What it read is also what it goes on from.
                let next = try await again.append(
                    entry("new", replacing: nil, revision: 1), at: time)
                #expect(next == loaded.lastSequence + 1)
                await again.close()
            }
        }
    }

    @Test func `an error at any call changes nothing that was acknowledged`() async throws {
        for call in 8..<200 {
            var random = Seed(UInt64(call) + 1000)
            let disk = SimulatedDisk()
            let ledger = open(disk, compactAfter: 4096)
            _ = try await ledger.load()
            disk.state.withLock { $0.faults[call] = call.isMultiple(of: 2) ? .error : .full }
            var model = Model()
            var refusals = 0
            for _ in 0..<4 {
                await model.work(on: ledger, count: 15, random: &random)
                // What was refused is not there.
                refusals += model.perhaps.count
                model.perhaps = [:]
            }
            #expect(refusals <= 1, "a single error at call \(call) stopped the ledger")
            disk.state.withLock { $0.faults = [:] }
            await ledger.close()
            let again = open(disk)
            model.check(try await again.load(), "call \(call)")
            await again.close()
        }
    }

    @Test func `short writes are completed`() async throws {
        let disk = SimulatedDisk()
        disk.state.withLock { $0.shortWrites = 7 }
        var random = Seed(1)
        var model = Model()
        let ledger = open(disk)
        _ = try await ledger.load()
        await model.work(on: ledger, count: 30, random: &random)
        #expect(model.perhaps.isEmpty)
        await ledger.close()
        let again = open(disk)
        model.check(try await again.load(), "short writes")
        await again.close()
    }

    @Test func `a disk that stays broken refuses writes until it is well`() async throws {
        let disk = SimulatedDisk()
        let notes = Mutex<[LedgerNote]>([])
        let ledger = open(disk) { note in notes.withLock { $0.append(note) } }
        _ = try await ledger.load()
        _ = try await ledger.append(entry("k", replacing: nil, revision: 1), at: time)
        disk.state.withLock { $0.failing = ["sync", "truncate"] }
        for _ in 0..<3 {
            await #expect(throws: LedgerError.self) {
                try await ledger.append(entry("k", replacing: 1, revision: 2), at: time)
            }
        }
        disk.state.withLock { $0.failing = [] }
        let sequence = try await ledger.append(
            entry("k", replacing: 1, revision: 2), at: time)
        #expect(sequence == 2)
        await ledger.close()
        #expect(notes.withLock { $0.count } == 2)
        #expect(notes.withLock { $0.last } == .writesResumed)
        let loaded = try await open(disk).load()
        #expect(loaded.documents.map(\.revision) == [2] && loaded.lastSequence == 2)
    }
}
