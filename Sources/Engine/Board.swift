import Rollouts
import Synchronization

/// What can be read of every rollout at any moment, from any thread, without waiting.
final class Board: Sendable {
    private struct Contents {
        var states: [RolloutName: RolloutState] = [:]
        /// Names in the order in which their rollouts were created.
        var order: [RolloutName] = []
        var isReady = false
    }

    private let contents = Mutex(Contents())

    subscript(name: RolloutName) -> RolloutState? {
        contents.withLock { $0.states[name] }
    }

    func stamp(of name: RolloutName) -> RolloutStamp? {
        self[name].map(RolloutStamp.init)
    }

    /// Newest first.
    var states: [RolloutState] {
        contents.withLock { contents in
            contents.order.reversed().compactMap { contents.states[$0] }
        }
    }

    var isReady: Bool {
        get { contents.withLock { $0.isReady } }
        set { contents.withLock { $0.isReady = newValue } }
    }

    func show(_ state: RolloutState) {
        contents.withLock { contents in
            let name = state.rollout.name
            if contents.states.updateValue(state, forKey: name) == nil {
                contents.order.append(name)
            }
        }
    }

    func remove(_ name: RolloutName) {
        contents.withLock { contents in
            contents.states[name] = nil
            contents.order.removeAll { $0 == name }
        }
    }

    /// Shows what was loaded at the start.
    func fill(_ states: [RolloutState]) {
        let sorted = states.sorted {
            ($0.rollout.createdAt, $0.rollout.name) < ($1.rollout.createdAt, $1.rollout.name)
        }
        contents.withLock { contents in
            contents.order = sorted.map(\.rollout.name)
            contents.states.reserveCapacity(sorted.count)
            for state in sorted { contents.states[state.rollout.name] = state }
        }
    }
}
