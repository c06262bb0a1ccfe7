import Rollouts

/// What a command is waited for.
enum Outcome: Hashable, Sendable {
    /// A share is confirmed, or the rollout stopped on the way.
    case firstShare
    case promoted
    case aborted

    /// Nil: the verb has done all it does once it is saved.
    init?(of verb: Verb) {
        switch verb {
        case .step, .resume: self = .firstShare
        case .promote: self = .promoted
        case .abort: self = .aborted
        case .pause: return nil
        }
    }

    /// The phases in which it is reached. The step behind the last one promotes.
    func phases(from state: RolloutState) -> Set<Phase.Name> {
        switch self {
        case .firstShare:
            switch state.rollout.phase {
            case .promoting, .promoted: [.promoted, .paused]
            case .pending, .shifting, .holding, .paused, .aborting, .aborted: [.holding, .paused]
            }
        case .promoted: [.promoted]
        case .aborted: [.aborted]
        }
    }

    /// Whether nothing is left to wait for.
    func isReached(by state: RolloutState, of phases: Set<Phase.Name>) -> Bool {
        if phases.contains(state.rollout.phase.name) { return true }
        switch self {
        case .firstShare:
            // `start: manual`: the first share comes only when somebody asks for it.
            return state.rollout.phase == .pending(registered: true)
        case .promoted, .aborted:
            return false
        }
    }
}

extension RolloutService {
    /// The rollout once its outcome is reached, or as it is when the time is over.
    func settled(
        _ state: RolloutState, _ outcome: Outcome, _ preference: Preference
    ) async -> RolloutState {
        let phases = outcome.phases(from: state)
        guard preference.seconds > 0, !outcome.isReached(by: state, of: phases),
            !state.rollout.phase.isEnded
        else { return state }
        let name = state.rollout.name
        return await conductor.settled(
            name, since: state.rollout.epoch, in: phases, within: .seconds(preference.seconds))
            ?? state
    }
}
