internal import Glibc
internal import Rollouts

/// Reads the lines of one file and judges the first that is not whole.
struct JournalScan {
    /// Bytes up to the end of the last whole line.
    private(set) var wholeBytes = 0
    /// Lines up to there, the format line counted.
    private(set) var wholeLines = 0
    /// Bytes after them that were never acknowledged: a write that power loss cut short.
    private(set) var tornBytes = 0
    let format: FormatLine

    enum Kind {
        /// Sequences rise one by one; the end may be torn.
        case journal
        /// As a journal, but nothing is written to it any more: torn means damaged.
        case closedJournal
        /// Lines in any order, as many as the format line says.
        case snapshot
    }

    /// - Parameter visit: Gets each whole line in order.
    init(
        _ bytes: [UInt8], file: String, kind: Kind, visit: (JournalLine) -> Void
    ) throws(LedgerError) {
        self = try bytes.withUnsafeBufferPointer { text throws(LedgerError) in
            try JournalScan(text, file: file, kind: kind, visit: visit)
        }
    }

    private init(
        _ text: UnsafeBufferPointer<UInt8>, file: String, kind: Kind,
        visit: (JournalLine) -> Void
    ) throws(LedgerError) {
        // Zeros at the end are room made ahead of writing.
        var end = text.count
        while end > 0, text[end - 1] == 0 { end -= 1 }
        let text = UnsafeBufferPointer(rebasing: text[..<end])

        let first = Self.line(in: text, from: 0) ?? text
        format = try FormatLine(first, file: file)
        wholeBytes = min(first.count + 1, end)
        wholeLines = 1
        var next = format.after + 1
        while let raw = Self.line(in: text, from: wholeBytes) {
            guard let line = JournalLine(raw), kind == .snapshot || line.sequence == next else {
                break
            }
            visit(line)
            next += 1
            wholeBytes += raw.count + 1
            wholeLines += 1
        }
        tornBytes = end - wholeBytes
        switch kind {
        case .snapshot:
            guard tornBytes == 0, wholeLines == format.lines + 1 else { throw damaged(file) }
        case .closedJournal:
            guard tornBytes == 0 else { throw damaged(file) }
        case .journal:
            guard !wasSynced(next, in: text) else { throw damaged(file) }
        }
    }

    /// The line that begins there, without its end; nil when it has none.
    private static func line(
        in text: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> UnsafeBufferPointer<UInt8>? {
        guard start < text.count, let base = text.baseAddress,
            let stop = memchr(base + start, 0x0A, text.count - start)
        else { return nil }
        let count = UnsafeRawPointer(base + start).distance(to: UnsafeRawPointer(stop))
        return UnsafeBufferPointer(start: base + start, count: count)
    }

    /// Whether a later line proves that entry `sequence`, which cannot be read, had been synced.
    ///
    /// One write's lines may reach the disk in any order, so that a whole line after a torn one
    /// proves nothing by itself: it must come from a later write. It is looked for inside of lines
    /// too, because the damage may be to an end of line.
    private func wasSynced(_ sequence: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        var place = wholeBytes
        while let raw = Self.line(in: text, from: place) {
            for start in raw.indices where raw[start] == UInt8(ascii: "{") {
                let rest = UnsafeBufferPointer(rebasing: raw[start...])
                guard let line = JournalLine(rest) else { continue }
                if line.sequence - line.batchIndex > sequence { return true }
            }
            place += raw.count + 1
        }
        return false
    }

    private func damaged(_ file: String) -> LedgerError {
        .unreadable(
            "\(file) line \(wholeLines + 1) is damaged (its checksum or sequence is wrong), and "
                + "what it said had been acknowledged. Put back a backup of the directory; or, to "
                + "give up that line and every later change, keep only the lines before it: "
                + "head -n \(wholeLines) \(file)")
    }
}
