import Rollouts
import Testing

/// The laws of the state machine over everything that can be reached, not over samples.
@Suite struct ExhaustiveLawTests {
    struct World: Sendable, CustomTestStringConvertible {
        let reached: Reached
        var testDescription: String {
            "\(reached.alphabet.steps.all.map(\.share)) \(reached.start)"
        }
    }

    static let worlds = [[100], [5], [5, 20, 100]].flatMap { percents in
        let steps = Steps(percents.map { Step(share: TrafficShare(basisPoints: $0 * 100)!) })!
        return StartMode.allCases.map { World(reached: Reached(steps, $0)) }
    }

    @Test(arguments: worlds) func `what has ended never moves`(world: World) {
        let reached = world.reached
        #expect(reached.phases.contains { $0.name == .promoted })
        #expect(reached.phases.contains { $0.name == .aborted })
        #expect(!reached.moves.contains { $0.from.isEnded })
    }

    @Test(arguments: worlds)
    func `abort is accepted wherever nothing has ended, and never undone`(world: World) {
        let reached = world.reached
        for phase in reached.phases {
            for moment in Alphabet.moments {
                let context = reached.alphabet.context(reached.start, moment)
                let answer = phase.applying(
                    .command(.abort(Alphabet.causes[0])), in: context)
                let expected: Transition
                switch phase.name {
                case .pending, .shifting, .holding, .paused, .promoting:
                    expected = .moved(.aborting(Alphabet.causes[0]), .aborting)
                case .aborting: expected = .unchanged
                case .promoted, .aborted: expected = .refused(.ended)
                }
                hold(answer == expected, phase)
            }
        }
        for move in reached.moves where move.from.name == .aborting {
            hold(move.to == move.from.cause.map { .aborted($0) }, move)
            hold(move.event == .fact(.confirmed), move)
        }
    }

    @Test(arguments: worlds)
    func `the share rises only to what was just asked for`(world: World) {
        let reached = world.reached
        for move in reached.moves {
            let steps = move.context.steps
            let before = move.from.wantedShare(in: steps)
            let after = move.to.wantedShare(in: steps)
            guard after > before else { continue }
            hold(after == asked(by: move), move)
            hold(move.to.posture == .full, move)
        }
    }

    /// `#expect` for checks that are made a hundred thousand times.
    private func hold<Case>(
        _ law: Bool, _ found: @autoclosure () -> Case, at place: SourceLocation = #_sourceLocation
    ) {
        if !law { Issue.record("\(found())", sourceLocation: place) }
    }

    /// What a person or the plan asks for by this event; nil: nothing more.
    private func asked(by move: Move) -> TrafficShare? {
        let steps = move.context.steps
        switch move.event {
        case .command(.promote): return .all
        case .command(.step(.share(let share))): return share
        case .command(.step(.index(let index))): return steps[index].share
        case .command(.step(.next)), .fact(.holdMet):
            let next = move.from.position.map { $0.next(in: steps) } ?? .planned(0)
            return next?.share(in: steps) ?? .all
        case .fact(.confirmed):
            return move.from == .pending(registered: false) ? steps[0].share : nil
        case .command(.abort), .command(.pause), .command(.resume), .fact(.gatewayRefused),
            .fact(.deadline), .fact(.drifted), .fact(.judged):
            return nil
        }
    }

    @Test(arguments: worlds)
    func `from everything that has not ended both ends can be reached`(world: World) {
        let reached = world.reached
        let aborted = reached.leading(to: reached.phases.filter { $0.name == .aborted })
        let promoted = reached.leading(to: [.promoted])
        for phase in reached.phases where !phase.isEnded {
            hold(aborted.contains(phase), phase)
            hold(promoted.contains(phase) == (phase.name != .aborting), phase)
        }
    }

    @Test(arguments: worlds)
    func `actions are exactly the verbs of the commands that move`(world: World) {
        let reached = world.reached
        for phase in reached.phases {
            let context = reached.alphabet.context(reached.start, Alphabet.moments[1])
            let moving = reached.alphabet.commands.filter {
                if case .moved = phase.applying(.command($0), in: context) { true } else { false }
            }
            hold(Set(phase.actions(in: context)) == Set(moving.map(\.verb)), phase)
        }
    }

    @Test(arguments: worlds)
    func `a judgement aborts or pauses and never raises the share`(world: World) {
        for move in world.reached.moves {
            guard case .fact(.judged(let consequence, let cause)) = move.event else { continue }
            switch consequence {
            case .abort: hold(move.to == .aborting(cause), move)
            case .pause:
                hold(move.to.name == .paused && move.to.cause == cause, move)
                let steps = move.context.steps
                hold(move.to.wantedShare(in: steps) == move.from.wantedShare(in: steps), move)
            }
        }
    }

    /// A fact is never refused: whoever found it has nobody to tell.
    @Test(arguments: worlds) func `facts are taken or pass by`(world: World) {
        let reached = world.reached
        for phase in reached.phases {
            for fact in reached.alphabet.facts {
                let context = reached.alphabet.context(reached.start, Alphabet.moments[0])
                if case .refused = phase.applying(.fact(fact), in: context) {
                    Issue.record("\(phase) refuses \(fact)")
                }
            }
        }
    }

    @Test(arguments: worlds)
    func `a pause keeps the share, the place and the time served`(world: World) {
        for move in world.reached.moves where move.to.name == .paused {
            // A promotion that turns out to need consent waits where nothing was written.
            guard move.from != .promoting else {
                hold(move.to.wantedShare(in: move.context.steps) == .none, move)
                continue
            }
            hold(move.to.position == move.from.position, move)
            guard case .holding(_, let since, let held) = move.from else {
                hold(move.to.held == move.from.held, move)
                continue
            }
            hold(move.to.held == held + move.context.now.milliseconds(since: since), move)
        }
    }

    @Test(arguments: worlds)
    func `a hold begins only with a confirmation or goes on after a pause`(world: World) {
        for move in world.reached.moves {
            guard case .holding(_, let since, let held) = move.to else { continue }
            hold(since == move.context.now && held == move.from.held, move)
            switch move.event {
            case .fact(.confirmed): hold(move.from.name == .shifting, move)
            case .command(.resume): hold(move.from.name == .paused, move)
            default: hold(false, move)
            }
        }
    }
}

extension Event.Command {
    var verb: Verb {
        switch self {
        case .step: .step
        case .promote: .promote
        case .abort: .abort
        case .pause: .pause
        case .resume: .resume
        }
    }
}
