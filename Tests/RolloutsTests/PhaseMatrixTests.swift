import Rollouts
import Testing

/// The table of the interface, every phase against every command and every fact.
@Suite struct PhaseMatrixTests {
    static let now = Timestamp(milliseconds: 1_000_000)
    static let cause = Cause(by: "ann", reason: .requested, message: "", at: now)
    static let steps = Steps([5, 20, 100].map { Step(share: TrafficShare(basisPoints: $0 * 100)!) })!

    static func context(_ start: StartMode = .auto) -> TransitionContext {
        TransitionContext(steps: steps, start: start, now: now)
    }

    static let pending = Phase.pending(registered: false)
    static let shifting = Phase.shifting(.planned(0), held: 0)
    static let holding = Phase.holding(.planned(0), since: now, held: 0)
    static let paused = Phase.paused(
        Phase.Pause(interrupted: .shifting(.planned(0), held: 0), cause: cause))
    static let aborting = Phase.aborting(cause)
    static let aborted = Phase.aborted(cause)

    static let phases: [(String, Phase)] = [
        ("pending", pending), ("shifting", shifting), ("holding", holding), ("paused", paused),
        ("promoting", .promoting), ("promoted", .promoted), ("aborting", aborting),
        ("aborted", aborted),
    ]

    static func word(_ transition: Transition) -> String {
        switch transition {
        case .moved(let phase, _): phase.name.rawValue
        case .unchanged: "="
        case .refused: "409"
        }
    }

    @Test(arguments: [
        ("step", Event.Command.step(.next), "409 409 shifting 409 409 409 409 409"),
        ("to", .step(.index(1)), "409 shifting shifting 409 409 409 409 409"),
        ("percent", .step(.share(.all)), "409 shifting shifting 409 409 409 409 409"),
        ("promote", .promote, "promoting promoting promoting promoting = 409 409 409"),
        ("abort", .abort(cause), "aborting aborting aborting aborting aborting 409 = 409"),
        ("pause", .pause(cause), "paused paused paused = 409 409 409 409"),
        ("resume", .resume, "409 409 409 shifting 409 409 409 409"),
    ])
    func `every command is answered in every phase as the interface says`(
        row: (name: String, command: Event.Command, expected: String)
    ) {
        // Columns: pending shifting holding paused promoting promoted aborting aborted.
        let answers = Self.phases.map { _, phase in
            Self.word(phase.applying(.command(row.command), in: Self.context()))
        }
        #expect(answers.joined(separator: " ") == row.expected, "\(row.name)")
    }

    @Test(arguments: [
        ("confirmed", Event.Fact.confirmed, "shifting holding = = promoted = aborted ="),
        ("holdMet", .holdMet, "= = shifting = = = = ="),
        ("refused", .gatewayRefused(cause), "paused paused paused = = = = ="),
        ("deadline", .deadline(cause), "paused paused = = = = = ="),
        ("drifted", .drifted(cause), "paused paused paused = = = = ="),
        ("judged bad", .judged(.abort, cause), "aborting aborting aborting aborting aborting = = ="),
        ("judged poor", .judged(.pause, cause), "paused paused paused = = = = ="),
    ])
    func `every fact is answered in every phase`(
        row: (name: String, fact: Event.Fact, expected: String)
    ) {
        let answers = Self.phases.map { _, phase in
            Self.word(phase.applying(.fact(row.fact), in: Self.context()))
        }
        #expect(answers.joined(separator: " ") == row.expected, "\(row.name)")
    }

    @Test func `a manual start waits at nothing until it is registered and told to step`() {
        let manual = Self.context(.manual)
        #expect(
            Self.pending.applying(.command(.step(.next)), in: manual) == .refused(.notRegistered))
        #expect(
            Self.pending.applying(.fact(.confirmed), in: manual)
                == .moved(.pending(registered: true), .registered))
        #expect(
            Phase.pending(registered: true).applying(.command(.step(.next)), in: manual)
                == .moved(.shifting(.planned(0), held: 0), .stepped))
    }

    @Test func `leaving the last step promotes`() {
        let last = Phase.holding(.planned(2), since: Self.now, held: 0)
        #expect(Self.word(last.applying(.command(.step(.next)), in: Self.context())) == "promoting")
        #expect(Self.word(last.applying(.fact(.holdMet), in: Self.context())) == "promoting")
    }

    @Test func `the present step is no change and an unknown one is refused`() {
        #expect(
            Self.holding.applying(.command(.step(.index(0))), in: Self.context()) == .unchanged)
        #expect(
            Self.holding.applying(.command(.step(.index(3))), in: Self.context())
                == .refused(.noSuchStep(index: 3, count: 3)))
    }

    @Test func `after a share outside the plan the next step is the first planned above it`() {
        let custom = Phase.holding(
            .custom(TrafficShare(basisPoints: 700)!), since: Self.now, held: 0)
        #expect(
            custom.applying(.command(.step(.next)), in: Self.context())
                == .moved(.shifting(.planned(1), held: 0), .stepped))
        #expect(custom.position?.index(in: Self.steps) == 0)
        #expect(
            Position.custom(TrafficShare(basisPoints: 100)!).index(in: Self.steps) == nil)
    }

    @Test func `a hold goes on after a pause with the time it had served`() {
        let later = TransitionContext(
            steps: Self.steps, start: .auto, now: Self.now.advanced(byMilliseconds: 400))
        guard case .moved(let paused, .paused) =
            Self.holding.applying(.command(.pause(Self.cause)), in: later)
        else { return #expect(Bool(false), "not paused") }
        let muchLater = TransitionContext(
            steps: Self.steps, start: .auto, now: Self.now.advanced(byMilliseconds: 90_000))
        #expect(
            paused.applying(.command(.resume), in: muchLater)
                == .moved(
                    .holding(.planned(0), since: muchLater.now, held: 400), .resumed))
    }

    @Test func `a promotion that needs consent waits at nothing`() {
        let consent = Cause(by: "kong", reason: .needsAdoption, message: "", at: Self.now)
        #expect(
            Phase.promoting.applying(.fact(.gatewayRefused(consent)), in: Self.context())
                == .moved(
                    .paused(
                        Phase.Pause(interrupted: .pending(registered: false), cause: consent)),
                    .paused))
    }

    @Test func `actions are exactly the verbs that would change something`() {
        func actions(_ phase: Phase, _ start: StartMode = .auto) -> [String] {
            phase.actions(in: Self.context(start)).map(\.rawValue)
        }
        #expect(actions(Self.pending) == ["pause", "promote", "abort"])
        #expect(actions(.pending(registered: true), .manual) == ["step", "pause", "promote", "abort"])
        #expect(actions(Self.shifting) == ["step", "pause", "promote", "abort"])
        #expect(actions(Self.holding) == ["step", "pause", "promote", "abort"])
        #expect(actions(Self.paused) == ["resume", "promote", "abort"])
        #expect(actions(.promoting) == ["abort"])
        #expect(actions(Self.aborting) == [])
        #expect(actions(.promoted) == [])
    }
}
