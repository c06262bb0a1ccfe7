import CScheduling

/// What happened in a run: faults by kind, what went against a law, and a digest of everything.
///
/// `@unchecked Sendable`: only one thread runs at any moment.
public final class Tally: @unchecked Sendable {
    public private(set) var counts: [String: Int] = [:]
    public private(set) var violations: [String] = []
    public private(set) var digest: UInt64 = 14_695_981_039_346_656_037
    /// Told each line as it happens; nil: nobody listens.
    public var listener: ((String) -> Void)?
    private let scheduler: Scheduler

    init(_ scheduler: Scheduler) { self.scheduler = scheduler }

    func count(_ kind: String) {
        counts[kind, default: 0] += 1
        note(kind)
    }

    func note(_ line: @autoclosure () -> String) {
        let text = "\(scheduler.now / .milliseconds(1)) \(line())"
        digest = text.utf8.withContiguousStorageIfAvailable {
            scheduling_digest(digest, $0.baseAddress, Int64($0.count))
        } ?? digest
        listener?(text)
    }

    /// Says that a law was broken.
    func accuse(_ line: String) {
        guard violations.count < 20, !violations.contains(line) else { return }
        violations.append(line)
        note("VIOLATION \(line)")
    }
}
