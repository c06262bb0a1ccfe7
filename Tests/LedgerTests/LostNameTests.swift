import Ledger
import Rollouts
import Synchronization
import Testing

@Suite struct LostNameTests {
    private static let time = Timestamp(milliseconds: 1_000_000)

    /// A compaction that could neither begin nor be taken back leaves the journal under its other
    /// name. Nothing may be acknowledged then; once the disk works it goes on without a restart.
    @Test func `a journal that lost its name gets it back when the disk works`() async throws {
        let rename = try await firstRename()
        let disk = SimulatedDisk()
        disk.state.withLock { state in
            // The journal has its other name; that can be neither made durable nor taken back,
            // and not for a while.
            for call in [rename + 1, rename + 2] + Array(rename + 4...rename + 8) {
                state.faults[call] = .error
            }
        }
        let ledger = open(disk, compactAfter: 1024)
        _ = try await ledger.load()
        var saved: [String: Int] = [:]
        var refused = 0
        for number in 0..<40 {
            do {
                try await append(number, to: ledger)
                saved["k/\(number)"] = 1
            } catch {
                refused += 1
            }
        }
        #expect((1...10).contains(refused))
        #expect(saved["k/39"] == 1)
        await ledger.close()
        var seed = Dice0()
        disk.restart(random: &seed)
        let loaded = try await open(disk).load()
        let found = Dictionary(
            uniqueKeysWithValues: loaded.documents.map { ($0.key, $0.revision) })
        #expect(found == saved)
    }

    private func append(_ number: Int, to ledger: JSONLedger) async throws {
        _ = try await ledger.append(
            entry("k/\(number)", replacing: nil, revision: 1, text: "xxxxxxxxxxxxxxxxxxxx"),
            at: Self.time)
    }

    /// Which call to the disk begins the first rotation.
    private func firstRename() async throws -> Int {
        let disk = SimulatedDisk()
        let ledger = open(disk, compactAfter: 1024)
        _ = try await ledger.load()
        let calls = disk.state.withLock { $0.calls }
        for number in 0..<40 { try await append(number, to: ledger) }
        await ledger.close()
        let log = disk.state.withLock { $0.log }
        return try #require(log[calls...].firstIndex(of: "rename"))
    }
}

/// Every coin falls the same way.
private struct Dice0: RandomNumberGenerator {
    mutating func next() -> UInt64 { 0 }
}
