import Ledger
import Rollouts
import Testing

private let time = Timestamp(milliseconds: 1_000_000)
private let journal = "data/journal.jsonl"

/// Journals of several MiB, which two threads read.
@Suite struct LongJournalTests {
    private static let count = 50

    /// Entries of some 100 kB, each its own write, closed.
    private func written() async throws -> [UInt8] {
        let disk = SimulatedDisk()
        let ledger = open(disk, compactAfter: 64 << 20)
        _ = try await ledger.load()
        for number in 1...Self.count {
            let text = String(repeating: "\(number % 10)", count: 90_000 + number)
            _ = try await ledger.append(
                entry("k/\(number)", replacing: nil, revision: 1, text: text), at: time)
        }
        await ledger.close()
        return try #require(disk.file(journal))
    }

    private func load(_ bytes: [UInt8]) async throws -> LoadedLedger {
        let disk = SimulatedDisk()
        disk.put(bytes, in: journal)
        let ledger = open(disk, compactAfter: 64 << 20)
        let loaded = try await ledger.load()
        await ledger.close()
        return loaded
    }

    @Test func `every line is read, in order`() async throws {
        let loaded = try await load(written())
        #expect(loaded.documents.map(\.key) == (1...Self.count).map { "k/\($0)" })
        #expect(loaded.documents.map(\.json.count).isSorted)
        #expect(loaded.events.map(\.sequence) == Array(1...Self.count))
        #expect(loaded.lastSequence == Self.count && loaded.remarks.isEmpty)
    }

    @Test func `a line that is damaged is named, wherever it stands`() async throws {
        let bytes = try await written()
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        for line in [1, 10, 11, 12, 25, 49] {
            for place in [ends[line - 1] + 1, ends[line] - 1000] {
                var damaged = bytes
                damaged[place] ^= 1
                await #expect {
                    try await load(damaged)
                } throws: { error in
                    "\(error)".contains("\(journal) line \(line + 1) is damaged")
                }
            }
        }
    }

    @Test func `a journal cut anywhere ends at the last whole line`() async throws {
        let bytes = try await written()
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        let places = [1 << 20, (1 << 20) + 1, 2 << 20, ends[23], ends[23] + 1, ends[50] - 1]
        for place in places {
            let loaded = try await load(Array(bytes[..<place]))
            let whole = ends.prefix { $0 < place }.count
            #expect(loaded.lastSequence == whole - 1)
            #expect(loaded.documents.count == whole - 1)
            #expect(loaded.remarks.isEmpty == (place == ends[whole - 1] + 1))
        }
    }
}

extension [Int] {
    fileprivate var isSorted: Bool { zip(self, dropFirst()).allSatisfy { $0 < $1 } }
}
