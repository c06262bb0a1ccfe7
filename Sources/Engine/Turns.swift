import DequeModule
import Rollouts

/// One change of a rollout at a time; many rollouts at once, so that they share a disk write.
struct Turns {
    private var waiting: [RolloutName: Deque<CheckedContinuation<Void, Never>>] = [:]

    /// Takes the turn if nobody has it.
    mutating func take(_ name: RolloutName) -> Bool {
        guard waiting[name] == nil else { return false }
        waiting[name] = []
        return true
    }

    /// Waits for the turn; `first`: before everybody else who waits.
    mutating func queue(
        _ name: RolloutName, first: Bool, _ continuation: CheckedContinuation<Void, Never>
    ) {
        if first {
            waiting[name, default: []].prepend(continuation)
        } else {
            waiting[name, default: []].append(continuation)
        }
    }

    /// Hands the turn on.
    mutating func pass(_ name: RolloutName) {
        guard let next = waiting[name]?.popFirst() else {
            waiting[name] = nil
            return
        }
        next.resume()
    }
}
