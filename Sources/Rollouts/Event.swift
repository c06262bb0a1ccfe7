/// Anything that may move a rollout: a person's command or a fact observed.
public enum Event: Hashable, Sendable {
    case command(Command)
    case fact(Fact)

    /// What a person or a program may ask for.
    public enum Command: Hashable, Sendable {
        case step(StepTarget)
        case promote
        case abort(Cause)
        case pause(Cause)
        case resume
    }

    public enum StepTarget: Hashable, Sendable {
        /// The next step of the plan, or promotion.
        case next
        /// The step with that index, from 0.
        case index(Int)
        /// A share outside the plan.
        case share(TrafficShare)
    }

    /// What was seen in Kong or on a clock.
    public enum Fact: Hashable, Sendable {
        /// Every node serves the wanted share; in `pending`: everything is made, the canary is at 0.
        case confirmed
        /// All that the hold asks for is met.
        case holdMet
        /// Kong, or what stands in it, does not let the rollout go on.
        case gatewayRefused(Cause)
        /// `progress_deadline` has passed in this phase.
        case deadline(Cause)
        /// Somebody else changed what the rollout had set.
        case drifted(Cause)
        /// The analysis of the traffic says that something must follow.
        case judged(Consequence, Cause)
    }

    /// What an analysis rule makes of a verdict, or of silence.
    public enum Consequence: Hashable, Sendable { case abort, pause }
}

/// What an event does.
public enum Transition: Hashable, Sendable {
    /// The phase to save, and the word under which history keeps the move.
    case moved(Phase, HistoryType)
    /// Accepted, and nothing changes: nothing is saved.
    case unchanged
    /// Not now.
    case refused(Refusal)
}

/// Why a command was declined. Nothing changed.
public enum Refusal: Error, Hashable, Sendable {
    /// Promoted or aborted rollouts never move again.
    case ended
    /// A promotion or an abort is under way, and this would undo it.
    case leaving
    /// Only an abort ends an abort.
    case aborting
    /// Paused: `resume` first.
    case paused
    /// `resume` has nothing to go on with.
    case notPaused
    /// `step` waits until the canary is registered at weight 0 and confirmed.
    case notRegistered
    /// The first step comes by itself: `start` is `auto`.
    case startsByItself
    /// A bare `step` is only for a confirmed share.
    case notConfirmed
    /// The traffic is not analysed, or not yet: there is nothing that a measurement could add to.
    case notJudged
    /// `to` names no step of the plan.
    case noSuchStep(index: Int, count: Int)
}
