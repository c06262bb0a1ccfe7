internal import CSimdjson

/// A parser with its buffer. Reads bodies one after the other; costs about eight times the
/// largest one.
///
/// Sendable because ``ReaderPool`` hands each to one thread at a time, over a lock.
final class LogReader: @unchecked Sendable {
    private let reader: OpaquePointer

    /// Nil: out of memory.
    init?() {
        guard let reader = csj_reader_create() else { return nil }
        self.reader = reader
    }

    deinit { csj_reader_destroy(reader) }

    /// Hands each good record of `body` to `batch`, in order, some at a time.
    ///
    /// - Returns: How many pieces of the body were no log record.
    func read(_ body: UnsafeRawBufferPointer, into batch: inout Batch) -> Int {
        withUnsafeMutablePointer(to: &batch) { context in
            let outcome = csj_read(
                reader, body.baseAddress, body.count,
                { context, records, count, attempts in
                    context?.assumingMemoryBound(to: Batch.self).pointee
                        .count(UnsafeBufferPointer(start: records, count: count), attempts)
                }, context)
            return outcome.malformed
        }
    }
}
