internal import Rollouts

/// Locks the directory, reads it, and puts the writer to where it left off.
struct LedgerOpening: Sendable {
    let settings: LedgerWriter.Settings
    let now: Timestamp

    func open(
        _ inbox: Inbox<LedgerJob>, _ followers: Followers
    ) throws(LedgerError) -> (LoadedLedger, LedgerWriter, hasOldJournal: Bool) {
        let lock = try takeLock()
        do throws(LedgerError) {
            var recovery = Recovery(
                disk: settings.disk, files: settings.files, threads: settings.threads)
            try recovery.readAll()
            let journal = try openJournal(recovery)
            let commit = GroupCommit(
                disk: settings.disk, files: settings.files, program: settings.program,
                journal: journal, isNew: recovery.journalEnd == nil, contents: recovery.contents,
                hasOldJournal: recovery.hasOldJournal)
            let writer = LedgerWriter(
                settings: settings, inbox: inbox, followers: followers, lock: lock,
                commit: commit, snapshotBytes: recovery.snapshotBytes)
            return (loaded(recovery), writer, recovery.hasOldJournal)
        } catch {
            settings.disk.close(lock)
            throw error
        }
    }

    private func takeLock() throws(LedgerError) -> DiskFile {
        let outcome: LockOutcome
        do throws(DiskError) {
            try settings.disk.makeDirectory(settings.files.directory)
            outcome = try settings.disk.lock(settings.files.lock)
        } catch {
            throw .failed(error.description)
        }
        switch outcome {
        case .locked(let file): return file
        case .held(let process):
            let who = process.map { "process \($0)" } ?? "another process"
            throw .locked(
                "\(settings.files.directory) is in use by \(who). Stop it, or use another "
                    + "directory.")
        }
    }

    private func openJournal(_ recovery: Recovery) throws(LedgerError) -> Journal {
        let (disk, files) = (settings.disk, settings.files)
        do throws(DiskError) {
            // What an interrupted compaction left half done.
            try disk.remove(files.nextSnapshot)
            var journal: Journal
            if let end = recovery.journalEnd {
                journal = try Journal(
                    opening: files.journal, end: end, reserve: settings.reserve, on: disk)
                try disk.remove(files.nextJournal)
            } else {
                let format = FormatLine(
                    writer: settings.program, after: recovery.contents.lastSequence)
                journal = try Journal(
                    creating: files.nextJournal, format: format, reserve: settings.reserve,
                    on: disk)
                try disk.rename(files.nextJournal, to: files.journal)
            }
            try disk.syncDirectory(files.directory)
            // A full disk is no reason not to start: reads work, and aborts get what there is.
            _ = try journal.makeRoom(for: 0)
            return journal
        } catch {
            throw .failed(error.description)
        }
    }

    private func loaded(_ recovery: Recovery) -> LoadedLedger {
        let contents = recovery.contents
        return LoadedLedger(
            documents: contents.documents.sorted { $0.value.sequence < $1.value.sequence }
                .map { .init(key: $0, revision: $1.revision, json: $1.json) },
            events: contents.keptEvents.map {
                .init(sequence: $0.sequence, key: $0.key, json: $0.json)
            },
            answers: contents.answers(at: now.milliseconds), lastSequence: contents.lastSequence,
            remarks: recovery.remarks)
    }
}
