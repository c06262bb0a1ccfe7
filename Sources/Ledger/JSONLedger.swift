public import Rollouts
internal import Synchronization

/// The ledger as JSON files in one directory: a journal, one object a line, and a snapshot.
///
/// ```
/// let ledger = JSONLedger(directory: "data", program: "1.0.0", now: now)
/// let kept = try await ledger.load()
/// let sequence = try await ledger.append(entry, at: now)   // survives power loss
/// ```
/// A running journal ends in zeros, room made ahead of writing: use `grep -a`.
public final class JSONLedger: RolloutLedger {
    /// The largest entry, in bytes of its line.
    public static let entryBytes = 4 << 20

    private enum Stage { case idle, loading, open }

    private let settings: LedgerWriter.Settings
    private let now: Timestamp
    private let inbox: Inbox<LedgerJob>
    private let followers = Followers()
    private let stage = Mutex(Stage.idle)

    /// Opens nothing yet.
    ///
    /// - Parameters:
    ///   - directory: Made when missing; its parent must be there.
    ///   - program: The program's version, written into the format line.
    ///   - now: Answers that expired before are not loaded.
    ///   - compactAfter: Bytes of journal, at least, from which it is folded into the snapshot.
    ///   - reserve: Bytes kept free on the disk that only urgent entries may use.
    ///   - threads: Where blocking work runs.
    ///   - note: Called on the ledger's threads; must not block.
    public init(
        directory: String, program: String, now: Timestamp, compactAfter: Int = 64 << 20,
        reserve: Int = 1 << 20, disk: any Disk = SystemDisk(),
        threads: any LedgerThreads = SystemThreads(),
        note: @escaping @Sendable (LedgerNote) -> Void = { _ in }
    ) {
        settings = LedgerWriter.Settings(
            disk: disk, files: LedgerFiles(directory: directory), program: program,
            compactAfter: max(compactAfter, 1024), reserve: max(reserve, 1024),
            threads: threads, note: note)
        inbox = Inbox(on: threads)
        self.now = now
    }

    public func load() async throws(LedgerError) -> LoadedLedger {
        let isFirst = stage.withLock { stage in
            defer { stage = .loading }
            return stage == .idle
        }
        guard isFirst else { throw .failed("the ledger was loaded before") }
        let opening = LedgerOpening(settings: settings, now: now)
        let result = await withCheckedContinuation {
            (caller: CheckedContinuation<Result<LoadedLedger, LedgerError>, Never>) in
            let hasStarted = settings.threads.start { [inbox, followers] in
                do throws(LedgerError) {
                    var (loaded, writer, hasOldJournal) = try opening.open(inbox, followers)
                    caller.resume(returning: .success(loaded))
                    writer.run(hasOldJournal: hasOldJournal)
                } catch {
                    _ = inbox.close()
                    followers.close()
                    caller.resume(returning: .failure(error))
                }
            }
            if !hasStarted {
                caller.resume(returning: .failure(.failed("the system gave no thread")))
            }
        }
        let loaded = try result.get()
        stage.withLock { $0 = .open }
        return loaded
    }

    public nonisolated(nonsending) func append(
        _ entry: LedgerEntry, at: Timestamp
    ) async throws(LedgerError) -> Int {
        guard stage.withLock({ $0 == .open }) else { throw .failed("the ledger is not loaded") }
        let bound = try entry.checkedBound()
        let result = await withCheckedContinuation {
            (caller: CheckedContinuation<Result<Int, LedgerError>, Never>) in
            let pending = PendingEntry(entry: entry, at: at, bound: bound, caller: caller)
            if !inbox.put(.append(pending)) { caller.resume(returning: .failure(.closed)) }
        }
        return try result.get()
    }

    public func keep(_ answer: KeptAnswer) async {
        // Promised to no one: an answer that is not JSON, or comes too late, is not kept.
        guard JSONExtent.isOneLine(answer.json), answer.json.count < Self.entryBytes else { return }
        _ = inbox.put(.keep(answer), isLazy: true)
    }

    public func changes() -> AsyncStream<LedgerChange> { followers.follow() }

    public func close() async {
        let isOpen = stage.withLock { $0 == .open }
        guard isOpen else { return }
        await withCheckedContinuation { (caller: CheckedContinuation<Void, Never>) in
            if !inbox.put(.close(caller)) { caller.resume() }
        }
    }
}

extension LedgerEntry {
    /// Printable ASCII that stands in JSON as it is.
    static func isKeyByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// The bytes its line may have.
    ///
    /// - Throws: `failed` for an entry that could not be read back.
    func checkedBound() throws(LedgerError) -> Int {
        guard key.utf8.allSatisfy(Self.isKeyByte), (1...512).contains(key.utf8.count) else {
            throw .failed("a key is 1 to 512 printable characters without quote and backslash")
        }
        for json in [document, event, answer?.json] {
            guard json.map(JSONExtent.isOneLine) ?? true else {
                throw .failed("what is kept under \(key) is not one JSON object in one line")
            }
        }
        let bound = JournalLine.bound(key: key, document: document, event: event, answer: answer)
        guard bound <= JSONLedger.entryBytes else {
            throw .failed("what is to be kept under \(key) is longer than 4 MiB")
        }
        return bound
    }
}
