import Rollouts

/// Those who asked for something and wait for its outcome.
struct OutcomeWaiters {
    struct Waiter {
        let number: Int
        let phases: Set<Phase.Name>
        let continuation: CheckedContinuation<Void, Never>
    }

    private var waiters: [RolloutName: [Waiter]] = [:]
    private var lastNumber = 0
    /// The epoch to which a command last moved each rollout.
    private var commanded: [RolloutName: Int] = [:]

    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    mutating func add(_ waiter: Waiter, for name: RolloutName) {
        waiters[name, default: []].append(waiter)
    }

    /// Wakes those whose outcome is `phase`; all of them when a command moved the rollout or it
    /// was forgotten (nil).
    mutating func wake(
        _ name: RolloutName, phase: Phase.Name?, epoch: Int, byCommand: Bool
    ) {
        if byCommand { commanded[name] = phase == nil ? nil : epoch }
        guard let all = waiters[name] else { return }
        var staying: [Waiter] = []
        for waiter in all {
            if byCommand || phase.map(waiter.phases.contains) ?? true {
                waiter.continuation.resume()
            } else {
                staying.append(waiter)
            }
        }
        waiters[name] = staying.isEmpty ? nil : staying
    }

    /// Whether a command has moved the rollout after `epoch`.
    func isOvertaken(_ name: RolloutName, since epoch: Int) -> Bool {
        (commanded[name] ?? 0) > epoch
    }

    /// Wakes one, whose time is over or who was cancelled.
    mutating func wake(_ name: RolloutName, number: Int) {
        guard let place = waiters[name]?.firstIndex(where: { $0.number == number }),
            let waiter = waiters[name]?.remove(at: place)
        else { return }
        if waiters[name]?.isEmpty == true { waiters[name] = nil }
        waiter.continuation.resume()
    }
}
