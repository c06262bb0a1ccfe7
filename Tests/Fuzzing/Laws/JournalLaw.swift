import Foundation
import Ledger
import Rollouts

/// A damaged journal is refused by file and line, or read as far as it is whole: the same as a
/// second reader reads, and the same again after it was opened.
public struct JournalLaw: FuzzLaw {
    public static let name = "journal"
    public static let seeds = [journal(of: []), journal(of: bodies), journal(of: bodies + bodies)]
    public static let tokens = [
        "\n", "{\"c\":\"", "00000000", ",\"s\":", ",\"b\":0", ",\"t\":1", ",\"k\":\"rollouts/a\"",
        ",\"r\":1", ",\"d\":null", ",\"d\":{}", ",\"e\":{}", ",\"a\":{", "}", "{\"format\":1",
        "9223372036854775807", "-1", "\u{0}\u{0}\u{0}\u{0}",
    ]

    public init() {}

    public func check(_ input: [UInt8]) async throws -> Reading {
        // Its sums are put right as well, or hardly a change would reach the reader.
        for (bytes, isOurs) in [(input, true), (Self.summed(input), false)] {
            let disk = MemoryDisk(["data/journal.jsonl": bytes])
            guard let first = try await read(disk) else { continue }
            if let plain = PlainJournal(bytes) { try compare(first, plain, isOurs: isOurs) }
            guard let second = try await read(MemoryDisk(disk.files)) else {
                throw Violation("what was opened once cannot be opened again")
            }
            try require(
                second.lastSequence == first.lastSequence && second.remarks.isEmpty
                    && second.documents.map(\.json) == first.documents.map(\.json),
                "what was opened once is read as something else")
            return .taken
        }
        return .refused
    }

    /// Nil: refused.
    private func read(_ disk: MemoryDisk) async throws -> LoadedLedger? {
        let ledger = JSONLedger(
            directory: "data", program: "1", now: Timestamp(milliseconds: 0), reserve: 1024,
            disk: disk)
        do {
            let loaded = try await ledger.load()
            await ledger.close()
            return loaded
        } catch LedgerError.unreadable(let reason) {
            try require(
                reason.contains("data/journal.jsonl"), "the refusal names no file: \(reason)")
            return nil
        }
    }

    /// - Parameter isOurs: No sum was put right: then a line that is no JSON was never written.
    private func compare(
        _ loaded: LoadedLedger, _ plain: PlainJournal, isOurs: Bool
    ) throws {
        try require(
            loaded.lastSequence <= plain.last || !isOurs,
            "lines were read that a second reader refuses")
        guard loaded.lastSequence == plain.last else { return }
        let theirs = plain.documents.compactMapValues { $0 }
        try require(
            Set(loaded.documents.map(\.key)) == Set(theirs.keys), "other documents are there")
        for document in loaded.documents {
            guard let value = PlainJournal.object(document.json) else { continue }
            try require(
                PlainJournal.text(value) == theirs[document.key],
                "\(document.key) is read differently")
        }
    }

    private static let bodies = [
        ##","s":1,"b":0,"t":5,"k":"rollouts/a","r":1,"d":{"name":"a","x":[1,{"y":"}"}]},"e":{"type":"created"}}"##,
        ##","s":2,"b":0,"t":6,"k":"rollouts/b","r":1,"d":{"n":"\"{"},"e":{"q":1},"##
            + ##""a":{"x":9,"v":{"status":201},"k":"1:a:k"}}"##,
        ##","s":3,"b":1,"t":6,"k":"rollouts/a","r":2,"d":null,"e":{"type":"deleted"}}"##,
        ##","s":4,"b":2,"t":6,"a":{"x":9,"v":{"status":201,"body":{}},"k":"1:a:\u006b"}}"##,
    ]

    /// With sums, and sequences that rise.
    private static func journal(of bodies: [String]) -> [UInt8] {
        var text = ##"{"format":1,"by":"1","after":0,"lines":0"##
        text += String(format: ",\"c\":\"%08x\"}\n", PlainJournal.sum(text.utf8))
        for (index, body) in bodies.enumerated() {
            let rest = ",\"s\":\(index + 1)" + body.drop { $0 != "b" }.description.dropFirst(0)
                .replacingOccurrences(of: "b\":", with: ",\"b\":", options: .anchored)
            text += String(format: "{\"c\":\"%08x\"", PlainJournal.sum(rest.utf8)) + rest + "\n"
        }
        return Array(text.utf8)
    }

    /// The input with the right sum in every line that has a place for one.
    private static func summed(_ input: [UInt8]) -> [UInt8] {
        var lines = input.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        for place in lines.indices.dropFirst()
        where lines[place].starts(with: Array("{\"c\":\"".utf8)) && lines[place].count > 15 {
            let sum = String(format: "%08x", PlainJournal.sum(lines[place][15...]))
            lines[place].replaceSubrange(6..<14, with: Array(sum.utf8))
        }
        return Array(lines.joined(separator: [10]))
    }
}
