/// What the ledger asks of an operating system, so that tests can make each call fail.
///
/// Every call blocks. Paths are the ledger's own, made from its directory.
public protocol Disk: Sendable {
    /// Makes the directory unless it is there, and makes that durable.
    func makeDirectory(_ path: String) throws(DiskError)
    /// Everything in the file; nil when there is none.
    func contents(of path: String) throws(DiskError) -> [UInt8]?
    /// A new or emptied file, for writing.
    func create(_ path: String) throws(DiskError) -> DiskFile
    /// A file that is there, for writing.
    func open(_ path: String) throws(DiskError) -> DiskFile
    /// Writes at an offset; may write less than asked.
    ///
    /// - Returns: Bytes written, at least 1.
    func write(
        _ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: Int
    ) throws(DiskError) -> Int
    /// Makes what was written, and the length, survive power loss.
    func sync(_ file: DiskFile) throws(DiskError)
    func truncate(_ file: DiskFile, to length: Int) throws(DiskError)
    /// Makes sure that the range can be written without running out of space. The file grows by
    /// zeros when it ends before.
    func allocate(_ file: DiskFile, from offset: Int, count: Int) throws(DiskError)
    func close(_ file: DiskFile)
    func rename(_ path: String, to other: String) throws(DiskError)
    /// Nothing happens when the file is not there.
    func remove(_ path: String) throws(DiskError)
    /// Makes creations, renames and removals in the directory survive power loss.
    func syncDirectory(_ path: String) throws(DiskError)
    /// Takes the lock that lasts until the file is closed or the process ends.
    func lock(_ path: String) throws(DiskError) -> LockOutcome
}

extension Disk {
    /// Writes everything, in as many calls as it takes.
    func writeAll(_ bytes: [UInt8], to file: DiskFile, at offset: Int) throws(DiskError) {
        try bytes.withUnsafeBufferPointer { buffer throws(DiskError) in
            let raw = UnsafeRawBufferPointer(buffer)
            var done = 0
            while done < raw.count {
                let rest = UnsafeRawBufferPointer(rebasing: raw[done...])
                done += try write(rest, to: file, at: offset + done)
            }
        }
    }
}

/// An open file; the number means something to its ``Disk`` alone.
public struct DiskFile: Hashable, Sendable {
    public let descriptor: Int32
    public init(descriptor: Int32) { self.descriptor = descriptor }
}

public enum LockOutcome: Hashable, Sendable {
    case locked(DiskFile)
    /// Another process has it; its number when the file tells.
    case held(byProcess: Int?)
}

/// A call that the operating system refused.
public struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call and its file: `write journal.jsonl`.
    public let operation: String
    public let reason: String
    /// No space, or none that this user may have.
    public let isFull: Bool

    public init(operation: String, reason: String, isFull: Bool) {
        self.operation = operation
        self.reason = reason
        self.isFull = isFull
    }

    public var description: String { "\(operation): \(reason)" }
}
