internal import Rollouts
internal import Synchronization

/// What the writer's thread is asked to do.
enum LedgerJob: Sendable {
    case append(PendingEntry)
    case keep(KeptAnswer)
    /// A compaction ended; nil when it was cancelled.
    case compacted(Result<Int?, LedgerError>)
    case close(CheckedContinuation<Void, Never>)
}

/// An entry whose caller waits.
struct PendingEntry: Sendable {
    let entry: LedgerEntry
    let at: Timestamp
    /// At least as many bytes as its line will have.
    let bound: Int
    let caller: CheckedContinuation<Result<Int, LedgerError>, Never>
}

/// The one thread that writes: takes all that waits, writes it, syncs once, answers everybody.
struct LedgerWriter {
    struct Settings: Sendable {
        let disk: any Disk
        let files: LedgerFiles
        let program: String
        /// Bytes of journal from which it is folded into the snapshot.
        let compactAfter: Int
        /// Bytes that only urgent entries may use when the disk is full.
        let reserve: Int
        let threads: any LedgerThreads
        let note: @Sendable (LedgerNote) -> Void
    }

    /// Bytes and entries written at once.
    private static let batchBytes = 4 << 20
    private static let batchEntries = 4096
    /// How long an answer alone may wait for company.
    private static let answerPatience = Duration.seconds(1)

    let settings: Settings
    let inbox: Inbox<LedgerJob>
    let followers: Followers
    let lock: DiskFile
    var commit: GroupCommit

    private var answers: [KeptAnswer] = []
    private var answersDue = Duration.zero
    private var compaction: CompactionRun?
    private var compactAt: Int
    private var closers: [CheckedContinuation<Void, Never>] = []

    init(
        settings: Settings, inbox: Inbox<LedgerJob>, followers: Followers, lock: DiskFile,
        commit: GroupCommit, snapshotBytes: Int
    ) {
        self.settings = settings
        self.inbox = inbox
        self.followers = followers
        self.lock = lock
        self.commit = commit
        compactAt = max(settings.compactAfter, snapshotBytes)
    }

    /// Runs until the ledger is closed.
    mutating func run(hasOldJournal: Bool) {
        if hasOldJournal { startCompaction(of: nil) }
        while closers.isEmpty || compaction != nil {
            var batch: [PendingEntry] = []
            for job in inbox.takeAll(within: timeout) { take(job, into: &batch) }
            write(batch)
            if compaction == nil, closers.isEmpty, commit.journalBytes >= compactAt {
                rotateAndCompact()
            }
        }
        finish()
    }

    private var timeout: Duration? {
        answers.isEmpty ? nil : max(.zero, answersDue - settings.threads.now())
    }

    private mutating func take(_ job: LedgerJob, into batch: inout [PendingEntry]) {
        switch job {
        case .append(let pending): batch.append(pending)
        case .keep(let answer):
            if answers.isEmpty {
                answersDue = settings.threads.now() + Self.answerPatience
            }
            answers.append(answer)
        case .compacted(let result): compactionEnded(result)
        case .close(let caller):
            compaction?.cancel()
            closers.append(caller)
        }
    }

    /// Writes entries in batches of bounded size, and answers that have company or are due.
    private mutating func write(_ entries: [PendingEntry]) {
        var start = 0
        while start < entries.count {
            var end = start
            var bytes = 0
            while end < entries.count, end - start < Self.batchEntries,
                end == start || bytes + entries[end].bound <= Self.batchBytes
            {
                bytes += entries[end].bound
                end += 1
            }
            commitBatch(entries[start..<end])
            start = end
        }
        if !answers.isEmpty, !closers.isEmpty || answersDue <= settings.threads.now() { commitBatch([]) }
    }

    private mutating func commitBatch(_ batch: ArraySlice<PendingEntry>) {
        let outcome = commit.write(batch, answers: answers)
        answers = []
        for note in outcome.notes { settings.note(note) }
        followers.tell(outcome.changes)
        for (pending, result) in zip(batch, outcome.results) {
            pending.caller.resume(returning: result)
        }
    }

    private mutating func finish() {
        if let failure = commit.close() { settings.note(.untidyEnd(reason: failure.description)) }
        for job in inbox.close() {
            switch job {
            case .append(let pending): pending.caller.resume(returning: .failure(.closed))
            case .close(let caller): closers.append(caller)
            case .keep, .compacted: break
            }
        }
        settings.disk.close(lock)
        followers.close()
        for caller in closers { caller.resume() }
    }
}

extension LedgerWriter {
    /// A compaction under way, which may be told to stop.
    private final class CompactionRun: Sendable {
        private let stop = Atomic(false)
        var isCancelled: Bool { stop.load(ordering: .relaxed) }
        func cancel() { stop.store(true, ordering: .relaxed) }
    }

    private mutating func rotateAndCompact() {
        let closed: JournalYield?
        do throws(DiskError) { closed = try commit.rotate() } catch {
            postpone(error.description)
            return
        }
        startCompaction(of: closed)
    }

    /// - Parameter closed: What the old journal amounts to; nil: it is read.
    private mutating func startCompaction(of closed: JournalYield?) {
        let run = CompactionRun()
        let work = Compaction(
            disk: settings.disk, files: settings.files, program: settings.program,
            closed: closed, isCancelled: { run.isCancelled })
        let (inbox, threads) = (inbox, settings.threads)
        let hasStarted = threads.start {
            let result = Result { () throws(LedgerError) in try work.run() }
            // The inbox closes only after this has come.
            _ = inbox.put(.compacted(result))
            // As often as the ledger has written as much as it keeps.
            threads.releaseFreeMemory()
        }
        if hasStarted { compaction = run } else { postpone("the system gave no thread") }
    }

    private mutating func compactionEnded(_ result: Result<Int?, LedgerError>) {
        compaction = nil
        switch result {
        case .success(let bytes?):
            commit.hasOldJournal = false
            compactAt = max(settings.compactAfter, bytes)
            settings.note(.compacted(bytes: bytes))
        case .success(nil): break
        case .failure(let error): postpone("\(error)")
        }
    }

    /// Tries again when the journal has grown by as much once more.
    private mutating func postpone(_ reason: String) {
        compactAt = commit.journalBytes + settings.compactAfter
        settings.note(.compactionFailed(reason: reason))
    }
}
