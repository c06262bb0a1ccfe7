internal import Rollouts

/// Folds the closed journal into a new snapshot, beside the writer and without ever stopping it.
struct Compaction: Sendable {
    /// Bytes written between two syncs: what is unsynced may hold up a sync of the journal.
    private static let chunk = 1 << 20

    let disk: any Disk
    let files: LedgerFiles
    /// Written into the format line.
    let program: String
    /// What the closed journal amounts to; nil: it is read.
    let closed: JournalYield?
    /// Asked between chunks; a program that ends need not finish.
    let isCancelled: @Sendable () -> Bool

    /// - Returns: Bytes of the new snapshot; nil when it was cancelled.
    func run() throws(LedgerError) -> Int? {
        var recovery = Recovery(disk: disk, files: files)
        try recovery.readClosedFiles(knowing: closed)
        do throws(DiskError) {
            guard let bytes = try write(recovery.contents) else { return nil }
            try disk.rename(files.nextSnapshot, to: files.snapshot)
            try disk.syncDirectory(files.directory)
            // Only now may the lines be forgotten.
            try disk.remove(files.oldJournal)
            try disk.syncDirectory(files.directory)
            return bytes
        } catch {
            throw .failed(error.description)
        }
    }

    private func write(_ contents: LedgerContents) throws(DiskError) -> Int? {
        let file = try disk.create(files.nextSnapshot)
        do throws(DiskError) {
            let bytes = try write(contents, to: file)
            disk.close(file)
            if bytes == nil { try disk.remove(files.nextSnapshot) }
            return bytes
        } catch {
            disk.close(file)
            // Gives the space back; if that fails too, the first error is the one to tell.
            do { try disk.remove(files.nextSnapshot) } catch { throw error }
            throw error
        }
    }

    private func write(
        _ contents: LedgerContents, to file: DiskFile
    ) throws(DiskError) -> Int? {
        let lines = Self.lines(of: contents)
        var buffer = FormatLine(
            writer: program, after: contents.lastSequence, lines: lines.count
        ).encoded
        var offset = 0
        for line in lines {
            line.write(to: &buffer)
            if buffer.count >= Self.chunk {
                if isCancelled() { return nil }
                offset = try flush(&buffer, to: file, at: offset)
            }
        }
        return try flush(&buffer, to: file, at: offset)
    }

    private func flush(
        _ buffer: inout [UInt8], to file: DiskFile, at start: Int
    ) throws(DiskError) -> Int {
        let bytes = buffer
        buffer.removeAll(keepingCapacity: true)
        try disk.writeAll(bytes, to: file, at: start)
        try disk.sync(file)
        return start + bytes.count
    }

    /// Documents, events, answers, each by age.
    private static func lines(of contents: LedgerContents) -> [JournalLine] {
        let documents = contents.documents.sorted { $0.value.sequence < $1.value.sequence }
            .map { key, document in
                JournalLine(
                    sequence: document.sequence, batchIndex: 0, time: document.time, key: key,
                    change: .init(
                        key: key, revision: document.revision, document: document.json),
                    event: nil, answer: nil)
            }
        let events = contents.keptEvents.map { event in
            JournalLine(
                sequence: event.sequence, batchIndex: 0, time: event.time, key: event.key,
                change: nil, event: event.json, answer: nil)
        }
        let answers = contents.answers(at: contents.time).map { answer in
            JournalLine(
                sequence: contents.lastSequence, batchIndex: 0, time: contents.time, key: "",
                change: nil, event: nil, answer: answer)
        }
        return documents + events + answers
    }
}
