import HTTPTypes
import Rollouts

extension Problem {
    /// Why a command did nothing.
    init(_ error: CommandError, name: RolloutName, at now: Timestamp) {
        switch error {
        case .notFound:
            self = .noRollout(name.description)
        case .nameTaken:
            self = Problem(
                .nameTaken, .conflict, "Name taken",
                "There is a rollout \(name) already; choose another name, or DELETE it once it is "
                    + "ended and drained.")
        case .held(let holder, let entity):
            self = Problem(
                .upstreamHeld, .conflict, "Upstream held",
                "The rollout \(holder) holds \(entity) and is not ended; end it first.",
                extra: .holder(holder))
        case .needsAdoption(let cause):
            // The sentence says what helps: consent, or nothing but another request.
            self = Problem(
                .needsAdoption, .conflict,
                cause.reason == .neverAdoptable ? "Not adoptable" : "Needs adoption",
                cause.message, extra: .differences(cause.evidence))
        case .invalid(let pointer, let detail):
            self = .invalid(pointer: pointer, detail)
        case .refused(.noSuchStep(let index, let count), _):
            self = .invalid(
                pointer: "/to",
                "must be the index of a step, 0 to \(count - 1), not \(index)")
        case .refused(let refusal, let state):
            self = .illegalNow(Self.sentence(refusal, state.rollout), state, at: now)
        case .stale(let current):
            self = Problem(
                .staleRevision, .preconditionFailed, "Stale revision",
                "The revision is \(current); none of those in If-Match. Read the rollout again and "
                    + "decide anew.",
                errors: [Detail(place: .header("If-Match"), detail: "names no present revision")])
        case .notForgettable(let state):
            self = .illegalNow(
                state.rollout.phase.isEnded
                    ? "Targets of this rollout are still drained; wait for the condition `drained`."
                    : "Only an ended rollout can be deleted: promote or abort it first. "
                        + "`?abandon=true` forgets it and leaves Kong as it is.",
                state, at: now)
        case .notAmendable(let pointer, let detail, let state):
            self = .illegalNow(
                "This cannot be changed now.", state, at: now,
                errors: [Detail(place: .pointer(pointer), detail: detail)])
        case .unavailable(let detail):
            self = .unavailable(detail)
        }
    }

    private static func illegalNow(
        _ detail: String, _ state: RolloutState, at now: Timestamp, errors: [Detail] = []
    ) -> Problem {
        Problem(
            .illegalNow, .conflict, "Illegal now", detail, errors: errors,
            extra: .phase(state.rollout.phase.name, actions: state.rollout.actions(at: now)))
    }

    private static func sentence(_ refusal: Refusal, _ rollout: Rollout) -> String {
        switch refusal {
        case .ended where rollout.phase == .promoted:
            "A promoted rollout never moves again. To undo it, create a rollout with the old "
                + "version as canary and \"steps\": [{\"percent\": 100, \"hold\": {}}]."
        case .ended: "The rollout has ended and never moves again; create another."
        case .leaving: "A promotion is under way; only abort can still stop it."
        case .aborting: "The rollout is aborting, which nothing undoes."
        case .paused: "The rollout is paused: resume it first."
        case .notPaused: "The rollout is not paused, so there is nothing to resume."
        case .notRegistered:
            "The canary is not yet registered in Kong; the first step comes after that."
        case .startsByItself: "The first step comes by itself, because `start` is \"auto\"."
        case .notConfirmed:
            "The present share is not yet confirmed; a bare step leaves only a confirmed one. "
                + "`to` or `percent` go anywhere at once."
        case .notJudged:
            "The traffic of this rollout is not judged, or not yet, so that a measurement would "
                + "count for nothing; see `analysis`."
        case .noSuchStep(let index, let count): "There is no step \(index); there are \(count)."
        }
    }
}
