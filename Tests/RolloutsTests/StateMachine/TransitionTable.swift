import Rollouts

/// The state machine as a document, asked from the code that runs.
struct TransitionTable {
    private static let now = Timestamp(milliseconds: 1_000)
    private static let steps = Steps(
        [20, 50].map { Step(share: TrafficShare(basisPoints: $0 * 100)!) })!

    private static func cause(_ reason: Cause.Reason = .requested) -> Cause {
        Cause(by: "x", reason: reason, message: "", at: now)
    }

    private static func paused(_ interrupted: Phase.Pause.Interrupted) -> Phase {
        .paused(Phase.Pause(interrupted: interrupted, cause: cause()))
    }

    private static let phases: [(String, Phase)] = [
        ("pending", .pending(registered: false)),
        ("pending, registered", .pending(registered: true)),
        ("shifting", .shifting(.planned(0), held: 0)),
        ("holding", .holding(.planned(0), since: now, held: 0)),
        ("holding, last step", .holding(.planned(1), since: now, held: 0)),
        ("paused in pending", paused(.pending(registered: false))),
        ("paused in shifting", paused(.shifting(.planned(0), held: 0))),
        ("paused in holding", paused(.holding(.planned(0), held: 0))),
        ("promoting", .promoting), ("promoted", .promoted),
        ("aborting", .aborting(cause())), ("aborted", .aborted(cause())),
    ]

    private static let commands: [(String, Event)] = [
        ("`step`", .command(.step(.next))), ("`step` to 1", .command(.step(.index(1)))),
        ("`step` to 7 %", .command(.step(.share(TrafficShare(basisPoints: 700)!)))),
        ("`promote`", .command(.promote)), ("`abort`", .command(.abort(cause()))),
        ("`pause`", .command(.pause(cause()))), ("`resume`", .command(.resume)),
    ]

    private static let facts: [(String, Event)] = [
        ("confirmed", .fact(.confirmed)), ("hold met", .fact(.holdMet)),
        ("refused by Kong", .fact(.gatewayRefused(cause(.refusedByKong)))),
        ("consent needed", .fact(.gatewayRefused(cause(.needsAdoption)))),
        ("deadline", .fact(.deadline(cause(.deadlineExceeded)))),
        ("drifted", .fact(.drifted(cause(.loweredInKong)))),
        ("judged: abort", .fact(.judged(.abort, cause(.unhealthy)))),
        ("judged: pause", .fact(.judged(.pause, cause(.unhealthy)))),
    ]

    static var text: String {
        var lines = [
            "# The state machine",
            "",
            "Written by `make docs` from `Phase.applying(_:in:)`; a test fails when the two differ.",
            "The plan has two steps, 20 and 50 %, and `start` is `auto` unless a row says otherwise.",
            "**=** accepted, nothing changes, nothing is saved. **409** refused, with the reason.",
            "",
            "## What a person may ask for",
            "",
        ]
        lines += table(commands, start: .auto)
        lines += ["", "With `\"start\": \"manual\"` the first step waits for a person:", ""]
        lines += table(commands, start: .manual) { $0.hasPrefix("pending") }
        lines += ["", "## What is seen in Kong, on a clock or in the traffic", ""]
        lines += table(facts, start: .auto)
        lines += ["", "With `\"start\": \"manual\"`:", ""]
        lines += table(facts, start: .manual) { $0.hasPrefix("pending") }
        lines += ["", "## What is wanted meanwhile", ""]
        lines += wants
        lines += ["", "## What a pause lets the gateway do", ""]
        lines += postures
        return lines.joined(separator: "\n") + "\n"
    }

    private static func table(
        _ events: [(String, Event)], start: StartMode, where isShown: (String) -> Bool = { _ in true }
    ) -> [String] {
        let context = TransitionContext(steps: steps, start: start, now: now)
        let rows = phases.filter { isShown($0.0) }.map { name, phase in
            [name] + events.map { answer(phase.applying($0.1, in: context)) }
        }
        return table([["phase"] + events.map(\.0)] + rows)
    }

    private static func table(_ rows: [[String]]) -> [String] {
        var lines = rows.map { "| " + $0.joined(separator: " | ") + " |" }
        lines.insert("|" + String(repeating: "---|", count: rows[0].count), at: 1)
        return lines
    }

    private static func answer(_ transition: Transition) -> String {
        switch transition {
        case .unchanged: "="
        case .refused(let refusal): "409 \(word(refusal))"
        case .moved(let phase, _): word(phase)
        }
    }

    private static func word(_ phase: Phase) -> String {
        let share = phase.wantedShare(in: steps)
        switch phase {
        case .pending(let registered): return registered ? "pending, registered" : "pending"
        case .shifting, .holding: return "\(phase.name.rawValue) \(share) %"
        case .paused: return "paused \(share) %"
        case .promoting, .promoted, .aborting, .aborted: return phase.name.rawValue
        }
    }

    private static func word(_ refusal: Refusal) -> String {
        switch refusal {
        case .ended: "ended"
        case .leaving: "promoting"
        case .aborting: "aborting"
        case .paused: "paused"
        case .notPaused: "not paused"
        case .notRegistered: "not registered"
        case .startsByItself: "starts by itself"
        case .notConfirmed: "not confirmed"
        case .notJudged: "not judged"
        case .noSuchStep: "no such step"
        }
    }

    private static var wants: [String] {
        let auto = TransitionContext(steps: steps, start: .auto, now: now)
        let manual = TransitionContext(steps: steps, start: .manual, now: now)
        return table(
            [["phase", "share wanted", "`actions`", "`actions`, `start` manual"]]
                + phases.map { name, phase in
                    [name, "\(phase.wantedShare(in: steps)) %"]
                        + [auto, manual].map { context in
                            phase.actions(in: context).map { "`\($0.rawValue)`" }
                                .joined(separator: " ")
                        }
                })
    }

    private static var postures: [String] {
        table(
            [["cause", "weights and entities"]]
                + Cause.Reason.allCases.map { reason in
                    let pause = Phase.Pause(
                        interrupted: .shifting(.planned(0), held: 0), cause: cause(reason))
                    return ["`\(reason.rawValue)`", word(Phase.paused(pause).posture)]
                })
    }

    private static func word(_ posture: Phase.Posture) -> String {
        switch posture {
        case .full: "kept as wanted"
        case .lowerOnly: "the canary is only lowered, never raised"
        case .handsOff: "read, never written"
        }
    }
}
