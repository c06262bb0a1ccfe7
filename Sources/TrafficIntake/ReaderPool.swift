import Synchronization

/// Parsers that wait for bodies.
///
/// A few small ones are kept, so that a batch costs no allocation. Large bodies take turns with a
/// parser that is thrown away, so that many of them at once need the memory of one.
final class ReaderPool: Sendable {
    /// Kong's batches of 200 slim records have less than 100 KB, of full ones about 400 KB.
    static let smallBody = 1 << 20
    /// Parsers that are kept: more threads than this seldom read at once.
    static let kept = 8

    private let idle = Mutex<[LogReader]>([])
    private let turn = Mutex<Void>(())

    /// Nil: out of memory.
    func read(_ body: UnsafeRawBufferPointer, into batch: inout Batch) -> Int? {
        guard body.count <= Self.smallBody else {
            return turn.withLock { _ in LogReader()?.read(body, into: &batch) }
        }
        guard let reader = idle.withLock({ $0.popLast() }) ?? LogReader() else { return nil }
        let malformed = reader.read(body, into: &batch)
        idle.withLock { idle in
            if idle.count < Self.kept { idle.append(reader) }
        }
        return malformed
    }
}
