import Rollouts
import Testing

/// What is saved with each move, over every sequence of events up to a bound.
@Suite struct RolloutLawTests {
    private static let plan = RolloutPlan(
        name: RolloutName("fraud")!, route: .init(name: "r"),
        stableTargets: [TargetAddress("a:80")!],
        canary: Version(label: "v7", targets: [TargetAddress("b:80")!]),
        steps: Steps([2_000, 10_000].map {
            Step(share: TrafficShare(basisPoints: $0)!, hold: Hold(time: TimeSpan(seconds: 1)))
        })!, drain: .zero, progressDeadline: nil)

    private static let cause = Alphabet.causes[0]
    private static let events: [Event] = [
        .command(.step(.next)), .command(.step(.index(0))),
        .command(.step(.share(TrafficShare(basisPoints: 700)!))), .command(.promote),
        .command(.abort(cause)), .command(.pause(cause)), .command(.resume), .fact(.confirmed),
        .fact(.holdMet), .fact(.drifted(cause)), .fact(.judged(.abort, cause)),
        .fact(.judged(.pause, cause)),
    ]

    private struct Tally {
        var rollouts = 0
        var ended = 0
    }

    /// Eight events deep, cut where nothing moves.
    @Test func `every sequence of events keeps revisions, epochs and ceilings`() {
        var tally = Tally()
        var rollout = Rollout(plan: Self.plan, createdAt: Alphabet.moments[0])
        walk(&rollout, ceiling: .none, depth: 8, &tally)
        #expect(tally.rollouts > 10_000)
        #expect(tally.ended > 1_000)
    }

    private func walk(
        _ rollout: inout Rollout, ceiling: TrafficShare, depth: Int, _ tally: inout Tally
    ) {
        tally.rollouts += 1
        if rollout.phase.isEnded { tally.ended += 1 }
        if rollout.wantedShare > ceiling { Issue.record("\(rollout.phase) above \(ceiling)") }
        guard depth > 0 else { return }
        let now = rollout.updatedAt.advanced(byMilliseconds: 700)
        for event in Self.events {
            let context = rollout.context(at: now)
            guard case .moved(let phase, _) = rollout.phase.applying(event, in: context) else {
                continue
            }
            var next = rollout.moved(to: phase, at: now)
            let isNumbered =
                next.revision == rollout.revision + 1 && next.epoch == next.revision
                && next.phaseSince == now && next.createdAt == rollout.createdAt
            let endsInTime = next.holdEnds.map { $0 <= now.advanced(byMilliseconds: 1_000) }
            if !isNumbered || endsInTime == false { Issue.record("\(next)") }
            walk(
                &next, ceiling: max(ceiling, Self.asked(by: event, of: rollout)),
                depth: depth - 1, &tally)
        }
    }

    /// The most this event may ask for.
    private static func asked(by event: Event, of rollout: Rollout) -> TrafficShare {
        switch event {
        case .command(.promote): .all
        case .command(.step(.share(let share))): share
        case .command(.step(.index(let index))): plan.steps[index].share
        case .command(.step(.next)), .fact(.holdMet):
            rollout.phase.position?.next(in: plan.steps)?.share(in: plan.steps) ?? .all
        case .fact(.confirmed):
            rollout.phase == .pending(registered: false) ? plan.steps[0].share : .none
        case .command(.abort), .command(.pause), .command(.resume), .fact(.gatewayRefused),
            .fact(.deadline), .fact(.drifted), .fact(.judged):
            .none
        }
    }
}
