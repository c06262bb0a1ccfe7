internal import Foundation
internal import Synchronization

/// The time of day, never twice the same to the millisecond.
///
/// Targets are listed by age; a real database is too slow to make two of them equally old.
final class RisingTime: Sendable {
    private let last = Mutex(0.0)

    /// Seconds since 1970, at least one millisecond after the time before.
    func next() -> Double {
        let now = Date().timeIntervalSince1970
        return last.withLock { last in
            last = max((now * 1000).rounded() / 1000, last + 0.001)
            return last
        }
    }
}
