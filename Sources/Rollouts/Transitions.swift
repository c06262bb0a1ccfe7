/// What a transition may look at besides the phase.
public struct TransitionContext: Hashable, Sendable {
    public let steps: Steps
    public let start: StartMode
    public let now: Timestamp

    public init(steps: Steps, start: StartMode, now: Timestamp) {
        self.steps = steps
        self.start = start
        self.now = now
    }
}

extension Phase {
    /// Decides what `event` does here. Reads nothing and changes nothing.
    ///
    /// Every pair of phase and event is answered; a new case of either fails the build here.
    public func applying(_ event: Event, in context: TransitionContext) -> Transition {
        switch event {
        case .command(let command): applying(command, in: context)
        case .fact(let fact): applying(fact, in: context)
        }
    }

    private func applying(
        _ command: Event.Command, in context: TransitionContext
    ) -> Transition {
        switch (self, command) {
        case (.promoted, .step), (.promoted, .promote), (.promoted, .abort), (.promoted, .pause),
            (.promoted, .resume), (.aborted, .step), (.aborted, .promote), (.aborted, .abort),
            (.aborted, .pause), (.aborted, .resume):
            .refused(.ended)

        case (.aborting, .abort), (.promoting, .promote), (.paused, .pause):
            .unchanged
        case (.aborting, .step), (.aborting, .promote), (.aborting, .pause), (.aborting, .resume):
            .refused(.aborting)
        case (.pending, .abort(let cause)), (.shifting, .abort(let cause)),
            (.holding, .abort(let cause)), (.paused, .abort(let cause)),
            (.promoting, .abort(let cause)):
            .moved(.aborting(cause), .aborting)

        case (.promoting, .step), (.promoting, .pause), (.promoting, .resume):
            .refused(.leaving)
        case (.pending, .promote), (.shifting, .promote), (.holding, .promote),
            (.paused, .promote):
            .moved(.promoting, .promoting)

        case (.pending(let registered), .step(let target)):
            firstStep(target, registered: registered, in: context)
        case (.shifting, .step(.next)):
            .refused(.notConfirmed)
        case (.shifting(let position, _), .step(let target)),
            (.holding(let position, _, _), .step(let target)):
            step(from: position, to: target, in: context)
        case (.paused, .step):
            .refused(.paused)

        case (.pending(let registered), .pause(let cause)):
            .paused(.pending(registered: registered), cause)
        case (.shifting(let position, let held), .pause(let cause)):
            .paused(.shifting(position, held: held), cause)
        case (.holding(let position, let since, let held), .pause(let cause)):
            .paused(.holding(position, held: held + context.now.milliseconds(since: since)), cause)

        case (.pending, .resume), (.shifting, .resume), (.holding, .resume):
            .refused(.notPaused)
        case (.paused(let pause), .resume):
            .moved(pause.resumed(at: context.now), .resumed)
        }
    }

    private func applying(_ fact: Event.Fact, in context: TransitionContext) -> Transition {
        switch (self, fact) {
        case (.promoted, .confirmed), (.promoted, .holdMet), (.promoted, .gatewayRefused),
            (.promoted, .deadline), (.promoted, .drifted), (.aborted, .confirmed),
            (.aborted, .holdMet), (.aborted, .gatewayRefused), (.aborted, .deadline),
            (.aborted, .drifted), (.promoted, .judged), (.aborted, .judged):
            .unchanged

        case (.pending(registered: false), .confirmed):
            switch context.start {
            case .auto: .moved(.shifting(.planned(0), held: 0), .registered)
            case .manual: .moved(.pending(registered: true), .registered)
            }
        case (.pending(registered: true), .confirmed):
            // `start` was manual when it was registered; it cannot be amended.
            .unchanged
        case (.shifting(let position, let held), .confirmed):
            .moved(.holding(position, since: context.now, held: held), .confirmed)
        case (.promoting, .confirmed):
            .moved(.promoted, .promoted)
        case (.aborting(let cause), .confirmed):
            .moved(.aborted(cause), .aborted)
        case (.holding, .confirmed), (.paused, .confirmed):
            .unchanged

        case (.holding(let position, _, _), .holdMet):
            if let next = position.next(in: context.steps) {
                .moved(.shifting(next, held: 0), .stepped)
            } else {
                .moved(.promoting, .promoting)
            }
        case (.pending, .holdMet), (.shifting, .holdMet), (.paused, .holdMet),
            (.promoting, .holdMet), (.aborting, .holdMet):
            .unchanged

        case (.pending(let registered), .gatewayRefused(let cause)),
            (.pending(let registered), .deadline(let cause)),
            (.pending(let registered), .drifted(let cause)):
            .paused(.pending(registered: registered), cause)
        case (.shifting(let position, let held), .gatewayRefused(let cause)),
            (.shifting(let position, let held), .deadline(let cause)),
            (.shifting(let position, let held), .drifted(let cause)):
            .paused(.shifting(position, held: held), cause)
        case (.holding(let position, let since, let held), .gatewayRefused(let cause)),
            (.holding(let position, let since, let held), .drifted(let cause)):
            // The share has to be made and confirmed anew, so `resume` shifts; the time served
            // stays to the hold's credit.
            .paused(
                .shifting(position, held: held + context.now.milliseconds(since: since)), cause)
        case (.holding, .deadline):
            .unchanged
        case (.paused, .gatewayRefused), (.paused, .deadline), (.paused, .drifted):
            .unchanged
        case (.promoting, .gatewayRefused(let cause)):
            // Before anything was written, a promotion waits for consent like any other rollout.
            switch cause.reason {
            case .needsAdoption, .neverAdoptable, .heldElsewhere:
                .paused(.pending(registered: false), cause)
            case .requested, .refusedByKong, .weightsNotExact, .loweredInKong, .entityGone,
                .contested, .deadlineExceeded, .gatewayUnknown, .unhealthy, .noData:
                .unchanged
            }
        case (.promoting, .deadline), (.promoting, .drifted), (.aborting, .gatewayRefused),
            (.aborting, .deadline), (.aborting, .drifted), (.aborting, .judged):
            .unchanged

        case (.pending, .judged(.abort, let cause)), (.shifting, .judged(.abort, let cause)),
            (.holding, .judged(.abort, let cause)), (.paused, .judged(.abort, let cause)),
            (.promoting, .judged(.abort, let cause)):
            .moved(.aborting(cause), .aborting)
        case (.pending(let registered), .judged(.pause, let cause)):
            .paused(.pending(registered: registered), cause)
        case (.shifting(let position, let held), .judged(.pause, let cause)):
            .paused(.shifting(position, held: held), cause)
        case (.holding(let position, let since, let held), .judged(.pause, let cause)):
            .paused(.holding(position, held: held + context.now.milliseconds(since: since)), cause)
        case (.paused, .judged(.pause, _)), (.promoting, .judged(.pause, _)):
            .unchanged
        }
    }

    private func firstStep(
        _ target: Event.StepTarget, registered: Bool, in context: TransitionContext
    ) -> Transition {
        guard context.start == .manual else { return .refused(.startsByItself) }
        guard registered else { return .refused(.notRegistered) }
        switch target {
        case .next: return .moved(.shifting(.planned(0), held: 0), .stepped)
        case .index(let index):
            guard (0..<context.steps.count).contains(index) else {
                return .refused(.noSuchStep(index: index, count: context.steps.count))
            }
            return .moved(.shifting(.planned(index), held: 0), .stepped)
        case .share(let share):
            return .moved(.shifting(.custom(share), held: 0), .stepped)
        }
    }

    private func step(
        from position: Position, to target: Event.StepTarget, in context: TransitionContext
    ) -> Transition {
        let wanted: Position
        switch target {
        case .next:
            guard let next = position.next(in: context.steps) else {
                return .moved(.promoting, .promoting)
            }
            wanted = next
        case .index(let index):
            guard (0..<context.steps.count).contains(index) else {
                return .refused(.noSuchStep(index: index, count: context.steps.count))
            }
            wanted = .planned(index)
        case .share(let share):
            wanted = .custom(share)
        }
        return wanted == position ? .unchanged : .moved(.shifting(wanted, held: 0), .stepped)
    }
}

extension Phase.Pause {
    /// The phase before; a hold goes on with the time it had served.
    func resumed(at now: Timestamp) -> Phase {
        switch interrupted {
        case .pending(let registered): .pending(registered: registered)
        case .shifting(let position, let held): .shifting(position, held: held)
        case .holding(let position, let held): .holding(position, since: now, held: held)
        }
    }
}

extension Transition {
    fileprivate static func paused(
        _ interrupted: Phase.Pause.Interrupted, _ cause: Cause
    ) -> Transition {
        .moved(.paused(Phase.Pause(interrupted: interrupted, cause: cause)), .paused)
    }
}
