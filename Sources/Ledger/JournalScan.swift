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

    /// - Parameters:
    ///   - threads: Where a second thread may be had.
    ///   - visit: Gets each whole line in order.
    init(
        _ bytes: [UInt8], file: String, kind: Kind, with threads: (any LedgerThreads)?,
        visit: (JournalLine) -> Void
    ) throws(LedgerError) {
        // Zeros at the end are room made ahead of writing.
        var end = bytes.count
        while end > 0, bytes[end - 1] == 0 { end -= 1 }
        let first = bytes[..<(bytes[..<end].firstIndex(of: 0x0A) ?? end)]
        format = try first.withUnsafeBufferPointer { line throws(LedgerError) in
            try FormatLine(line, file: file)
        }
        wholeBytes = min(first.count + 1, end)
        wholeLines = 1
        var next = format.after + 1
        LinePieces(of: bytes, in: wholeBytes..<end, with: threads).forEach { piece in
            for (line, count) in piece.lines {
                guard kind == .snapshot || line.sequence == next else { return false }
                visit(line)
                next += 1
                wholeBytes += count
                wholeLines += 1
            }
            return piece.isWhole
        }
        tornBytes = end - wholeBytes
        switch kind {
        case .snapshot:
            guard tornBytes == 0, wholeLines == format.lines + 1 else { throw damaged(file) }
        case .closedJournal:
            guard tornBytes == 0 else { throw damaged(file) }
        case .journal:
            let isLost = bytes[..<end].withUnsafeBufferPointer { wasSynced(next, in: $0) }
            guard !isLost else { throw damaged(file) }
        }
    }

    /// Whether a later line proves that entry `sequence`, which cannot be read, had been synced.
    ///
    /// One write's lines may reach the disk in any order, so that a whole line after a torn one
    /// proves nothing by itself: it must come from a later write. It is looked for inside of lines
    /// too, because the damage may be to an end of line.
    private func wasSynced(_ sequence: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        var place = wholeBytes
        while let raw = LinePieces.line(in: text, from: place) {
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
