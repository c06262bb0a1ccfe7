internal import Rollouts

/// The journal's end and the revisions it leads to, kept in step with what is on the disk.
struct GroupCommit {
    struct Outcome {
        /// One for each entry, in order.
        var results: [Result<Int, LedgerError>] = []
        var changes: [LedgerChange] = []
        var notes: [LedgerNote] = []
    }

    private let disk: any Disk
    private let files: LedgerFiles
    private let program: String
    private var journal: Journal
    private var revisions: [String: Int]
    private var lastSequence: Int
    private var lastTime: Int64
    var hasOldJournal: Bool
    /// What the journal's lines amount to, so that they need not be read again to be folded into
    /// the snapshot; nil while it has lines from before the start.
    private var written: JournalYield?

    /// Bytes after the journal's end that a failed write may have left.
    private var suspectBytes = 0
    /// The directory may not have on disk what it has in memory.
    private var hasUnsyncedNames = false
    /// Told once, until writing works again.
    private var refusal: String?
    /// The names on disk are such that no write would be found again.
    private var isLost = false
    private var buffer: [UInt8] = []

    /// - Parameter isNew: The journal has no lines yet.
    init(
        disk: any Disk, files: LedgerFiles, program: String, journal: Journal, isNew: Bool,
        contents: LedgerContents, hasOldJournal: Bool
    ) {
        self.disk = disk
        self.files = files
        self.program = program
        self.journal = journal
        self.hasOldJournal = hasOldJournal
        revisions = contents.documents.mapValues(\.revision)
        lastSequence = contents.lastSequence
        lastTime = contents.time
        written = isNew ? JournalYield(after: lastSequence) : nil
        buffer.reserveCapacity(1 << 20)
    }

    var journalBytes: Int { journal.end }

    /// Saves what can be saved, by one write and one sync.
    mutating func write(_ batch: ArraySlice<PendingEntry>, answers: [KeptAnswer]) -> Outcome {
        var outcome = Outcome()
        do throws(DiskError) {
            try repair()
            if refusal != nil { outcome.notes.append(.writesResumed) }
            refusal = nil
            try write(batch, answers: answers, into: &outcome)
        } catch {
            let failure = LedgerError.failed(error.description)
            outcome.results = batch.map { _ in .failure(failure) }
            outcome.changes = []
            if suspectBytes > 0 || hasUnsyncedNames || isLost, refusal == nil {
                refusal = error.description
                outcome.notes.append(.writesRefused(reason: error.description))
            }
        }
        return outcome
    }

    private mutating func write(
        _ batch: ArraySlice<PendingEntry>, answers: [KeptAnswer], into outcome: inout Outcome
    ) throws(DiskError) {
        var needed = batch.reduce(0) { $0 + $1.bound }
        for answer in answers { needed += Self.bound(of: answer) }
        let hasRoom = try journal.makeRoom(for: needed)
        do throws(DiskError) {
            try encodeAndAppend(batch, answers: answers, urgentOnly: !hasRoom, into: &outcome)
        } catch {
            guard error.isFull, hasRoom, suspectBytes == 0 else { throw error }
            // A file system that needs new space to write into allocated room.
            try encodeAndAppend(batch, answers: [], urgentOnly: true, into: &outcome)
        }
    }

    private mutating func encodeAndAppend(
        _ batch: ArraySlice<PendingEntry>, answers: [KeptAnswer], urgentOnly: Bool,
        into outcome: inout Outcome
    ) throws(DiskError) {
        outcome.results = []
        outcome.changes = []
        buffer.removeAll(keepingCapacity: true)
        var draft = Draft(sequence: lastSequence, time: lastTime)
        for pending in batch {
            if urgentOnly {
                let needed = buffer.count + pending.bound
                guard pending.entry.isUrgent, try journal.makeUrgentRoom(for: needed) else {
                    outcome.results.append(.failure(.full))
                    continue
                }
            }
            let entry = pending.entry
            let current: Int? = draft.revisions[entry.key] ?? revisions[entry.key]
            guard current == entry.replacing else {
                outcome.results.append(.failure(.stale(current: current)))
                continue
            }
            draft.add(entry, at: pending.at, to: &buffer)
            outcome.results.append(.success(draft.sequence))
            outcome.changes.append(
                LedgerChange(
                    sequence: draft.sequence, key: entry.key, revision: entry.revision,
                    document: entry.document))
        }
        if !urgentOnly { for answer in answers { draft.add(answer, to: &buffer) } }
        guard !buffer.isEmpty else { return }
        try appendBuffer()
        lastSequence = draft.sequence
        lastTime = draft.time
        written?.add(draft.lines, journalBytes: journal.end)
        for (key, revision) in draft.revisions { revisions[key] = revision }
    }

    /// After an error nothing of the buffer is left on disk, or `suspectBytes` says so.
    private mutating func appendBuffer() throws(DiskError) {
        do throws(DiskError) {
            try journal.append(buffer)
        } catch {
            suspectBytes = max(suspectBytes, buffer.count)
            // If this fails too, the next write begins with it.
            if cutFails() == nil { suspectBytes = 0 }
            throw error
        }
    }

    private mutating func cutFails() -> DiskError? {
        do throws(DiskError) {
            try journal.cut(suspectBytes)
            return nil
        } catch {
            return error
        }
    }

    /// Makes disk and memory agree again before anything new is written.
    private mutating func repair() throws(DiskError) {
        if isLost {
            // Perhaps the disk takes now what it refused when the old journal had to come back.
            try disk.rename(files.oldJournal, to: files.journal)
            isLost = false
        }
        if hasUnsyncedNames {
            try disk.syncDirectory(files.directory)
            hasUnsyncedNames = false
        }
        if suspectBytes > 0 {
            try journal.cut(suspectBytes)
            suspectBytes = 0
        }
    }

    private static func bound(of answer: KeptAnswer) -> Int {
        JournalLine.bound(key: "", document: nil, event: nil, answer: answer)
    }

    /// - Returns: Why the unused room could not be given back; nothing is lost by it.
    func close() -> DiskError? { journal.close() }
}

extension GroupCommit {
    /// Begins a new journal; the present one becomes the old one, to be folded into the snapshot.
    ///
    /// Takes a few syncs, milliseconds on a healthy disk. After an error writing goes on as before.
    ///
    /// - Returns: What the old journal's lines amount to; nil when they must be read.
    mutating func rotate() throws(DiskError) -> JournalYield? {
        // An earlier compaction failed: its journal comes first, and needs no second one.
        if hasOldJournal { return nil }
        try repair()
        let format = FormatLine(writer: program, after: lastSequence)
        var next = try Journal(
            creating: files.nextJournal, format: format, reserve: journal.reserve, on: disk)
        do throws(DiskError) {
            guard try next.makeRoom(for: 0) else {
                throw DiskError(
                    operation: "allocate \(files.nextJournal)", reason: "no space left",
                    isFull: true)
            }
            try disk.rename(files.journal, to: files.oldJournal)
            try putInPlace()
        } catch {
            next.abandon()
            try disk.remove(files.nextJournal)
            throw error
        }
        journal.abandon()
        journal = next
        hasOldJournal = true
        let closed = written
        written = JournalYield(after: lastSequence)
        // The names are in memory; nothing is acknowledged in the new journal before they are safe.
        hasUnsyncedNames = true
        try repair()
        return closed
    }

    /// Gives the new journal its name, or the old one its name back.
    private mutating func putInPlace() throws(DiskError) {
        do throws(DiskError) {
            // Both renames in one sync might reach the disk in the wrong order.
            try disk.syncDirectory(files.directory)
            try disk.rename(files.nextJournal, to: files.journal)
        } catch {
            hasUnsyncedNames = true
            isLost = true
            try disk.rename(files.oldJournal, to: files.journal)
            isLost = false
            throw error
        }
    }

    /// What a batch will have changed once it is synced.
    private struct Draft {
        var sequence: Int
        var time: Int64
        /// Nil for a key that will be absent.
        var revisions: [String: Int?] = [:]
        private(set) var lines: [JournalLine] = []

        init(sequence: Int, time: Int64) {
            self.sequence = sequence
            self.time = time
        }

        mutating func add(_ entry: LedgerEntry, at: Timestamp, to buffer: inout [UInt8]) {
            time = at.milliseconds
            revisions[entry.key] = .some(entry.document == nil ? nil : entry.revision)
            add(
                JournalLine(
                    sequence: sequence + 1, batchIndex: lines.count, time: time, key: entry.key,
                    change: .init(
                        key: entry.key, revision: entry.revision, document: entry.document),
                    event: entry.event, answer: entry.answer), to: &buffer)
        }

        mutating func add(_ answer: KeptAnswer, to buffer: inout [UInt8]) {
            add(
                JournalLine(
                    sequence: sequence + 1, batchIndex: lines.count, time: time, key: "", change: nil,
                    event: nil, answer: answer), to: &buffer)
        }

        private mutating func add(_ line: JournalLine, to buffer: inout [UInt8]) {
            line.write(to: &buffer)
            sequence += 1
            lines.append(line)
        }
    }
}
