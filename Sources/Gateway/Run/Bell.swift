internal import Synchronization

/// Wakes one waiter. Rung before anybody waits, it is kept.
final class Bell: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            state.isRung = state.waiter == nil
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns when it was rung, or the task was cancelled.
    func heard() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.isRung || Task.isCancelled {
                        state.isRung = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }

    /// As ``heard()``, for so long at the most.
    func heard(within limit: Duration, on clock: GatewayClock) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await clock.sleep(limit) }
            group.addTask { await self.heard() }
            await group.next()
            group.cancelAll()
        }
    }
}
