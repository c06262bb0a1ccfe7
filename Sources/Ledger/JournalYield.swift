/// What the lines of a journal that was written by this process amount to.
///
/// It holds no more than the journal does, and mostly far less: of a key that changed often only
/// the last document.
struct JournalYield: Sendable {
    /// Bytes of journal beyond which it is given up: its compaction keeps failing.
    private static let limit = 256 << 20

    /// The sequence after which the journal begins.
    let after: Int
    /// Nil: given up, so that the journal must be read.
    private(set) var contents: LedgerContents?

    init(after: Int) {
        self.after = after
        contents = LedgerContents()
        contents?.lastSequence = after
    }

    /// - Parameter journalBytes: The journal's length with these lines.
    mutating func add(_ lines: [JournalLine], journalBytes: Int) {
        guard journalBytes <= Self.limit else {
            contents = nil
            return
        }
        for line in lines { contents?.apply(line) }
        if let last = lines.last { contents?.lastSequence = last.sequence }
    }
}
