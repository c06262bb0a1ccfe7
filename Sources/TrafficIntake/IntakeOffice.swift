internal import CSimdjson
internal import Rollouts
import Synchronization

/// What the inlets of all rollouts share.
final class IntakeOffice: Sendable {
    let readers = ReaderPool()
    let budget = MemoryBudget(bytes: TrafficIntake.memoryForRecentRequests)
    let counted = Mutex(IntakeCounts())
    let due = Mutex(DueNotices())
    let notice: @Sendable (RolloutName) -> Void

    init(notice: @escaping @Sendable (RolloutName) -> Void) { self.notice = notice }

    func tell(of rollout: RolloutTraffic, _ due: Notice) {
        switch due {
        case .now: notice(rollout.name)
        case .due(let ticks): self.due.withLock { $0.add(rollout, in: ticks) }
        case .none: break
        }
    }
}
