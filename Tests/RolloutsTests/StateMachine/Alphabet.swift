import Rollouts

/// Every event there is, with every cause, for a plan of a few steps.
struct Alphabet {
    let steps: Steps
    /// Two moments: a hold may have been served or not.
    static let moments = [Timestamp(milliseconds: 1_000), Timestamp(milliseconds: 2_000)]

    /// The reasons differ in what a pause for them lets the gateway do.
    static let causes = Cause.Reason.allCases.map {
        Cause(by: "x", reason: $0, message: "", at: moments[0])
    }

    var shares: [TrafficShare] {
        [1, steps[0].share.basisPoints, 700, 10_000].map { TrafficShare(basisPoints: $0)! }
    }

    var targets: [Event.StepTarget] {
        [.next] + (-1...steps.count).map { .index($0) } + shares.map { .share($0) }
    }

    var commands: [Event.Command] {
        targets.map { .step($0) } + [.promote, .resume]
            + Self.causes.prefix(1).flatMap { [.abort($0), .pause($0)] }
    }

    var facts: [Event.Fact] {
        [.confirmed, .holdMet]
            + Self.causes.flatMap { cause -> [Event.Fact] in
                [
                    .gatewayRefused(cause), .deadline(cause), .drifted(cause),
                    .judged(.abort, cause), .judged(.pause, cause),
                ]
            }
    }

    var events: [Event] { commands.map { .command($0) } + facts.map { .fact($0) } }

    func context(_ start: StartMode, _ moment: Timestamp) -> TransitionContext {
        TransitionContext(steps: steps, start: start, now: moment)
    }
}

/// One move of the state machine, as it was found.
struct Move {
    let from: Phase
    let event: Event
    let to: Phase
    let context: TransitionContext
}

/// All that can be reached from the start, up to a bound on the time served in holds: beyond it
/// nothing is different.
struct Reached {
    let alphabet: Alphabet
    let start: StartMode
    private(set) var phases: Set<Phase> = []
    private(set) var moves: [Move] = []
    /// Phases from which each phase was reached.
    private(set) var sources: [Phase: Set<Phase>] = [:]
    private(set) var pairs = 0

    /// Milliseconds of hold to anybody's credit.
    private static let longestHeld: Int64 = 2_000

    init(_ steps: Steps, _ start: StartMode) {
        alphabet = Alphabet(steps: steps)
        self.start = start
        let events = alphabet.events
        var open = [Phase.pending(registered: false)]
        phases = Set(open)
        while let phase = open.popLast() {
            for moment in Alphabet.moments {
                let context = alphabet.context(start, moment)
                for event in events {
                    pairs += 1
                    guard case .moved(let next, _) = phase.applying(event, in: context) else {
                        continue
                    }
                    moves.append(Move(from: phase, event: event, to: next, context: context))
                    sources[next, default: []].insert(phase)
                    guard next.held <= Self.longestHeld else { continue }
                    if phases.insert(next).inserted { open.append(next) }
                }
            }
        }
    }

    /// Phases from which one of `goals` can be reached.
    func leading(to goals: Set<Phase>) -> Set<Phase> {
        var known = goals
        var open = Array(goals)
        while let phase = open.popLast() {
            for source in sources[phase] ?? [] where known.insert(source).inserted {
                open.append(source)
            }
        }
        return known
    }
}

extension Phase {
    /// Milliseconds of the hold that have been served.
    var held: Int64 {
        switch self {
        case .pending, .promoting, .promoted, .aborting, .aborted: 0
        case .shifting(_, let held), .holding(_, _, let held): held
        case .paused(let pause):
            switch pause.interrupted {
            case .pending: 0
            case .shifting(_, let held), .holding(_, let held): held
            }
        }
    }
}
