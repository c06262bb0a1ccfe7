import Rollouts
import TestSupport
import Testing

/// Laws that hold along every walk through the state machine.
@Suite struct PhaseLawTests {
    static func command(_ number: UInt64, _ seed: inout Seed) -> Event {
        let cause = Cause(
            by: "x", reason: Cause.Reason.allCases.randomElement(using: &seed)!, message: "",
            at: PhaseMatrixTests.now)
        let share = TrafficShare(basisPoints: Int.random(in: 1...10_000, using: &seed))!
        let events: [Event] = [
            .command(.step(.next)), .command(.step(.index(Int.random(in: 0...3, using: &seed)))),
            .command(.step(.share(share))), .command(.promote), .command(.abort(cause)),
            .command(.pause(cause)), .command(.resume), .fact(.confirmed), .fact(.holdMet),
            .fact(.gatewayRefused(cause)), .fact(.deadline(cause)), .fact(.drifted(cause)),
            .fact(.judged(.abort, cause)), .fact(.judged(.pause, cause)),
        ]
        return events[Int(number % UInt64(events.count))]
    }

    @Test(arguments: [UInt64](1...200))
    func `along every walk the ended stay ended and an abort is never undone`(seed: UInt64) {
        var random = Seed(seed)
        var phase = Phase.pending(registered: false)
        let start = StartMode.allCases.randomElement(using: &random)!
        var now = PhaseMatrixTests.now
        for _ in 0..<200 {
            now = now.advanced(byMilliseconds: Int64.random(in: 0...5_000, using: &random))
            let context = TransitionContext(
                steps: PhaseMatrixTests.steps, start: start, now: now)
            let event = Self.command(random.next(), &random)
            guard case .moved(let next, _) = phase.applying(event, in: context) else { continue }
            #expect(!phase.isEnded, "seed \(seed): \(phase) moved to \(next)")
            if case .aborting = phase { #expect(next.name == .aborted, "seed \(seed)") }
            if case .aborting = next {
                #expect(next.wantedShare(in: context.steps) == .none)
            }
            if case .paused = next {
                // A pause never changes what is wanted, except before anything was written.
                let kept = next.wantedShare(in: context.steps)
                #expect(
                    kept == phase.wantedShare(in: context.steps) || kept == .none,
                    "seed \(seed)")
            }
            phase = next
        }
    }

    @Test(arguments: [UInt64](1...50))
    func `abort is accepted from every phase that is not ended`(seed: UInt64) {
        var random = Seed(seed)
        var phase = Phase.pending(registered: false)
        let context = PhaseMatrixTests.context()
        for _ in 0..<100 {
            let event = Self.command(random.next(), &random)
            if case .moved(let next, _) = phase.applying(event, in: context) { phase = next }
            switch phase.applying(.command(.abort(PhaseMatrixTests.cause)), in: context) {
            case .moved(let next, _): #expect(next.name == .aborting)
            case .unchanged: #expect(phase.name == .aborting)
            case .refused: #expect(phase.isEnded)
            }
        }
    }
}
