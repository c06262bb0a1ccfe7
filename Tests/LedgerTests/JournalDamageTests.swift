import Ledger
import Rollouts
import Testing

private let time = Timestamp(milliseconds: 1_000_000)
private let journal = "data/journal.jsonl"

@Suite struct JournalDamageTests {
    /// A journal of `count` entries, each its own write, closed.
    private func written(_ count: Int) async throws -> [UInt8] {
        let disk = SimulatedDisk()
        let ledger = open(disk)
        _ = try await ledger.load()
        for number in 1...count {
            _ = try await ledger.append(
                entry("k/\(number)", replacing: nil, revision: 1), at: time)
        }
        await ledger.close()
        return try #require(disk.file(journal))
    }

    /// What the error says; empty when there was none.
    private func refusal(_ work: () async throws -> Void) async -> String {
        do {
            try await work()
            return ""
        } catch {
            return "\(error)"
        }
    }

    private func load(_ bytes: [UInt8]) async throws -> LoadedLedger {
        let disk = SimulatedDisk()
        disk.put(bytes, in: journal)
        let ledger = open(disk)
        let loaded = try await ledger.load()
        await ledger.close()
        return loaded
    }

    @Test func `a journal is lines of JSON`() async throws {
        let text = String(decoding: try await written(2), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4 && lines[3].isEmpty)
        #expect(lines[0].hasPrefix("{\"format\":1,\"by\":\"test\",\"after\":0,"))
        #expect(lines[2].hasPrefix("{\"c\":\"") && lines[2].hasSuffix("}}"))
        #expect(
            lines[2].contains(
                "\",\"s\":2,\"b\":0,\"t\":1000000,\"k\":\"k/2\",\"r\":1,\"d\":{\"r\":1,\"text\":\"\"},"
                    + "\"e\":{\"type\":\"changed\",\"revision\":1}"))
    }

    @Test func `a last record torn at any byte is cut and told`() async throws {
        let whole = try await written(3)
        let two = try await written(2)
        #expect(try await load(whole).lastSequence == 3)
        for length in two.count..<whole.count {
            for zeros in [0, 100] {
                let bytes = whole[..<length] + [UInt8](repeating: 0, count: zeros)
                let loaded = try await load(Array(bytes))
                #expect(loaded.lastSequence == 2, "\(length)")
                #expect(loaded.remarks.isEmpty == (length == two.count), "\(length)")
            }
        }
    }

    @Test func `any bit flipped in an acknowledged record is refused by file and line`()
        async throws
    {
        let one = try await written(1).count
        let two = try await written(2).count
        let bytes = try await written(3)
        for place in one..<two {
            for bit in [UInt8(1), 4, 128] {
                var flipped = bytes
                flipped[place] ^= bit
                let text = await refusal { _ = try await load(flipped) }
                #expect(text.contains("data/journal.jsonl line 3 is damaged"), "\(place), \(bit)")
                #expect(text.contains("head -n 2 "))
            }
        }
    }

    @Test func `a lost line is noticed`() async throws {
        let bytes = try await written(4)
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        lines.remove(at: 2)
        await #expect(throws: LedgerError.self) {
            try await load(Array(lines.joined(separator: [0x0A])))
        }
    }

    @Test func `a newer format is refused by name`() async throws {
        let line = "{\"format\": 2, \"by\": \"9.1.0\", \"after\": 0}\n"
        let text = await refusal { _ = try await load(Array(line.utf8)) }
        #expect(text.contains("format 2") && text.contains("9.1.0"))
    }

    @Test(arguments: ["", "\n", "{}\n", "garbage\n", "{\"format\":0}\n", "{\"format\":1}\n"])
    func `a first line that names no format is refused`(text: String) async throws {
        await #expect(throws: LedgerError.self) { try await load(Array(text.utf8)) }
    }

    @Test func `a second server refuses to start and names the first`() async throws {
        let disk = SimulatedDisk()
        let first = open(disk)
        _ = try await first.load()
        let text = await refusal { _ = try await open(disk).load() }
        #expect(text.contains("data is in use by process 4711"))
        await first.close()
        let third = open(disk)
        _ = try await third.load()
        await third.close()
    }

    @Test func `a journal that vanished from beside its snapshot is noticed`() async throws {
        let disk = SimulatedDisk()
        let ledger = open(disk, compactAfter: 1024)
        _ = try await ledger.load()
        for number in 0..<40 {
            _ = try await ledger.append(
                entry("k/\(number)", replacing: nil, revision: 1), at: time)
        }
        await ledger.close()
        let snapshot = try #require(disk.file("data/snapshot.json"))
        let other = SimulatedDisk()
        other.put(snapshot, in: "data/snapshot.json")
        await #expect(throws: LedgerError.self) { try await open(other).load() }
    }
}
