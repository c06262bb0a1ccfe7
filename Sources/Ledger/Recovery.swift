internal import Rollouts

/// Reads a ledger's directory back into what it says.
///
/// The files in order are the snapshot, the journal that was being compacted if there is one, and
/// the journal. Each names the sequence after which it begins, so that a missing file is noticed
/// and lines that the snapshot already holds are passed over.
struct Recovery {
    let disk: any Disk
    let files: LedgerFiles
    private let threads: (any LedgerThreads)?

    private(set) var contents = LedgerContents()
    private(set) var remarks: [String] = []
    private(set) var hasOldJournal = false
    private(set) var snapshotBytes = 0
    /// Where the journal's last whole line ends; nil when there is no journal.
    private(set) var journalEnd: Int?

    /// - Parameter threads: Where a second thread may be had; nil: one reads alone.
    init(disk: any Disk, files: LedgerFiles, threads: (any LedgerThreads)? = nil) {
        self.disk = disk
        self.files = files
        self.threads = threads
    }

    /// Everything, to go on from.
    mutating func readAll() throws(LedgerError) {
        let hasSnapshot = try readSnapshot()
        try readOldJournal()
        guard let bytes = try read(files.journal) else {
            // Between the two renames of a compaction only the old journal is there.
            guard !hasSnapshot || hasOldJournal else {
                throw .unreadable(
                    "\(files.journal) is missing beside its snapshot. Put back a backup of the "
                        + "directory.")
            }
            return
        }
        let scan = try readJournal(bytes, file: files.journal, kind: .journal)
        journalEnd = scan.wholeBytes
        if scan.tornBytes > 0 {
            remarks.append(
                "\(files.journal): an unfinished write of \(scan.tornBytes) bytes after line "
                    + "\(scan.wholeLines) was cut off; nothing acknowledged was in it")
        }
    }

    /// What a new snapshot must hold: all but the journal that is being written.
    ///
    /// - Parameter closed: What the old journal amounts to, so that it need not be read.
    mutating func readClosedFiles(knowing closed: JournalYield?) throws(LedgerError) {
        _ = try readSnapshot()
        if let closed, closed.after == contents.lastSequence, let later = closed.contents {
            contents.apply(later)
        } else {
            try readOldJournal()
        }
    }

    private mutating func readSnapshot() throws(LedgerError) -> Bool {
        guard let bytes = try read(files.snapshot) else { return false }
        var contents = contents
        let scan = try JournalScan(bytes, file: files.snapshot, kind: .snapshot, with: threads) {
            contents.apply($0)
        }
        contents.lastSequence = scan.format.after
        self.contents = contents
        snapshotBytes = bytes.count
        return true
    }

    private mutating func readOldJournal() throws(LedgerError) {
        guard let bytes = try read(files.oldJournal) else { return }
        hasOldJournal = true
        _ = try readJournal(bytes, file: files.oldJournal, kind: .closedJournal)
    }

    private mutating func readJournal(
        _ bytes: [UInt8], file: String, kind: JournalScan.Kind
    ) throws(LedgerError) -> JournalScan {
        var contents = contents
        let known = contents.lastSequence
        let scan = try JournalScan(bytes, file: file, kind: kind, with: threads) { line in
            guard line.sequence > known else { return }
            contents.apply(line)
            contents.lastSequence = line.sequence
        }
        guard scan.format.after <= known else {
            throw .unreadable(
                "\(file) begins after change \(scan.format.after), but the files before it end at "
                    + "\(known): one is missing or older. Put back a backup of the whole directory."
            )
        }
        self.contents = contents
        return scan
    }

    private func read(_ path: String) throws(LedgerError) -> [UInt8]? {
        do { return try disk.contents(of: path) } catch { throw .failed(error.description) }
    }
}
