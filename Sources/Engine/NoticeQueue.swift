import DequeModule
import Synchronization

/// What the engine has to tell, on its way to the log.
///
/// The writer only leaves it here; it is told by another task, many at a time, so that a busy
/// engine wakes that task a few times a second and not for every change.
public final class NoticeQueue: Sendable {
    /// How long a notice may wait for company.
    private static let patience = Duration.milliseconds(20)

    private let limit: Int
    private let waiting = Mutex<Deque<EngineNotice>>([])
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    /// - Parameter limit: Notices that may wait; beyond, the oldest are left out.
    public init(limit: Int) {
        self.limit = limit
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    public func put(_ notice: EngineNotice) {
        let isFirst = waiting.withLock { waiting in
            if waiting.count == limit { waiting.removeFirst() }
            waiting.append(notice)
            return waiting.count == 1
        }
        if isFirst { ring.yield() }
    }

    /// Tells what comes, in order, until cancelled; then what is left.
    public func run(_ tell: ([EngineNotice]) -> Void) async {
        for await _ in bell {
            // Cancelled: nothing more is waited for, and the rest is told below.
            do { try await Task.sleep(for: Self.patience) } catch { break }
            tellAll(tell)
        }
        tellAll(tell)
    }

    private func tellAll(_ tell: ([EngineNotice]) -> Void) {
        let notices = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        if !notices.isEmpty { tell(Array(notices)) }
    }
}
