import Testing

@testable import Ledger

@Suite struct LinePiecesTests {
    /// Lines of different lengths, and where each ends.
    private static func written(_ count: Int) -> (bytes: [UInt8], ends: [Int]) {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for number in 1...count {
            let text = String(repeating: "x", count: number * 37 % 101)
            JournalLine(
                sequence: number, batchIndex: 0, time: 1, key: "k",
                change: .init(
                    key: "k", revision: number, document: Array(#"{"x":"\#(text)"}"#.utf8)),
                event: nil, answer: nil
            ).write(to: &bytes)
            ends.append(bytes.count)
        }
        return (bytes, ends)
    }

    /// The sequences read, the bytes they take, and whether there was nothing else.
    private func read(
        _ bytes: [UInt8], from start: Int = 0, _ threads: (any LedgerThreads)?, size: Int
    ) -> (sequences: [Int], bytes: Int, isWhole: Bool) {
        var found = (sequences: [Int](), bytes: 0, isWhole: true)
        LinePieces(of: bytes, in: start..<bytes.count, with: threads, size: size).forEach { piece in
            found.sequences += piece.lines.map(\.line.sequence)
            found.bytes += piece.lines.reduce(0) { $0 + $1.bytes }
            found.isWhole = piece.isWhole
            return piece.isWhole
        }
        return found
    }

    @Test(arguments: [1, 2, 50, 333, 1_000, 100_000])
    func `every line is read in order, whatever the size of a piece`(size: Int) {
        let (bytes, ends) = Self.written(100)
        for threads in [SystemThreads(), nil] {
            for first in [0, 1, 57, 100] {
                let start = first == 0 ? 0 : ends[first - 1]
                let found = read(bytes, from: start, threads, size: size)
                #expect(found.sequences == Array(1...100).filter { $0 > first })
                #expect(found.bytes == bytes.count - start && found.isWhole)
            }
        }
    }

    @Test(arguments: [1, 333, 100_000])
    func `reading ends before a line that is cut or damaged`(size: Int) {
        let (bytes, ends) = Self.written(40)
        for line in [0, 1, 17, 38, 39] {
            let start = line == 0 ? 0 : ends[line - 1]
            var damaged = bytes
            damaged[start + 20] ^= 1
            for broken in [damaged, Array(bytes[..<(ends[line] - 1)])] {
                let found = read(broken, SystemThreads(), size: size)
                #expect(found.sequences == Array((1...40).prefix(line)))
                #expect(found.bytes == start && !found.isWhole)
            }
        }
    }

    @Test func `a system without another thread to give reads alone`() {
        struct NoThreads: LedgerThreads {
            func start(_ work: @escaping @Sendable () -> Void) -> Bool { false }
            func now() -> Duration { .zero }
            func makeGate() -> any ThreadGate { SystemGate() }
            func releaseFreeMemory() {}
        }
        let (bytes, _) = Self.written(100)
        #expect(read(bytes, NoThreads(), size: 200).sequences == Array(1...100))
    }
}
