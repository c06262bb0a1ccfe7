internal import Glibc
internal import Synchronization

/// The lines of a file in pieces, decoded by a second thread too while the first takes them in: to
/// check the sum of a line costs as much as all that is done with it afterwards.
final class LinePieces: Sendable {
    struct Piece: Sendable {
        var lines: [(line: JournalLine, bytes: Int)] = []
        /// False: what follows the lines is not one.
        var isWhole = true
    }

    private struct State {
        /// The first piece that nobody has begun with.
        var next = 0
        var decoded: [Int: Piece] = [:]
    }

    private let bytes: [UInt8]
    private let ranges: [Range<Int>]
    private let state = Mutex(State())
    private let gate: (any ThreadGate)?

    /// - Parameters:
    ///   - threads: Where the second thread comes from; nil: there is none.
    ///   - size: Bytes of a piece, which ends where the next line does. A file of one piece has
    ///     no use for a second thread.
    init(
        of bytes: [UInt8], in range: Range<Int>, with threads: (any LedgerThreads)?,
        size: Int = 1 << 20
    ) {
        self.bytes = bytes
        ranges = Self.ranges(of: bytes, in: range, size: size)
        gate = ranges.count > 1 ? threads?.makeGate() : nil
        guard let gate, let threads else { return }
        // Where no thread is to be had the caller decodes everything.
        _ = threads.start { [self] in
            while decodeNext() { gate.open() }
        }
    }

    /// Each piece in order until `visit` says that it has enough.
    func forEach(_ visit: (Piece) -> Bool) {
        defer { state.withLock { $0.next = ranges.count } }
        for index in ranges.indices {
            guard visit(piece(index)) else { return }
        }
    }

    private func piece(_ index: Int) -> Piece {
        while true {
            if let piece = state.withLock({ $0.decoded.removeValue(forKey: index) }) {
                return piece
            }
            // Another thread is at it: what comes after it is to be done all the same.
            if !decodeNext() { gate?.pass(within: nil) }
        }
    }

    /// False: somebody has begun with every piece.
    private func decodeNext() -> Bool {
        let index = state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        guard index < ranges.count else { return false }
        let piece = Self.decode(bytes, ranges[index])
        state.withLock { $0.decoded[index] = piece }
        return true
    }

    private static func decode(_ bytes: [UInt8], _ range: Range<Int>) -> Piece {
        bytes.withUnsafeBufferPointer { text in
            let text = UnsafeBufferPointer(rebasing: text[range])
            var piece = Piece()
            var place = 0
            while let raw = line(in: text, from: place), let line = JournalLine(raw) {
                piece.lines.append((line, raw.count + 1))
                place += raw.count + 1
            }
            piece.isWhole = place == text.count
            return piece
        }
    }

    private static func ranges(
        of bytes: [UInt8], in range: Range<Int>, size: Int
    ) -> [Range<Int>] {
        bytes.withUnsafeBufferPointer { text in
            let text = UnsafeBufferPointer(rebasing: text[..<range.upperBound])
            var ranges: [Range<Int>] = []
            var start = range.lowerBound
            while start < range.upperBound {
                let last = line(in: text, from: start + size)
                let end = last.map { start + size + $0.count + 1 } ?? range.upperBound
                ranges.append(start..<end)
                start = end
            }
            return ranges
        }
    }

    /// The line that begins there, without its end; nil when it has none.
    static func line(
        in text: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> UnsafeBufferPointer<UInt8>? {
        guard start < text.count, let base = text.baseAddress,
            let stop = memchr(base + start, 0x0A, text.count - start)
        else { return nil }
        let count = UnsafeRawPointer(base + start).distance(to: UnsafeRawPointer(stop))
        return UnsafeBufferPointer(start: base + start, count: count)
    }
}
