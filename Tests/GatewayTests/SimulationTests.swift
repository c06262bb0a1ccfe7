import Rollouts
import Synchronization
import Testing

@testable import Gateway

/// A small generator, so that a seed reproduces a world (xorshift, 64 bits).
final class Dice: Sendable {
    private let state: Mutex<UInt64>

    init(_ seed: UInt64) { state = Mutex(seed &* 0x9E37_79B9_7F4A_7C15 | 1) }

    func roll(_ bound: Int) -> Int {
        state.withLock { state in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state >> 33) % bound
        }
    }
}

@Suite struct SimulationTests {
    /// Whatever fails, and wherever it crashes, no node ever gives the canary more than the larger
    /// of what is asked and what was asked before and not yet confirmed as left; no node is ever
    /// without a target above 0; and once the failures end it converges.
    @Test(arguments: 1...100) func `no instant exposes more than asked`(seed: UInt64) async {
        let dice = Dice(seed)
        let isCalm = Mutex(false)
        let faultiness = dice.roll(4) * 4
        let isJudged = seed.isMultiple(of: 2)
        let world = World(
            nodes: 1 + dice.roll(3), telemetry: isJudged ? TelemetryTests.settings : nil,
            random: { Double(dice.roll(1000)) / 1000 }
        ) {
            _, isWrite in
            guard !isCalm.withLock({ $0 }), dice.roll(100) < faultiness else { return nil }
            return [.unreachable, .lostBefore, .lostAfter, .server][dice.roll(4)]
        }
        let steps = Set((0..<1 + dice.roll(4)).map { _ in 1 + dice.roll(99) }).sorted()
        let hasTwins = dice.roll(2) == 0
        if dice.roll(2) == 0 {
            let stable = [("v6:80", 1 + dice.roll(300))] + (hasTwins ? [("v6b:80", 100)] : [])
            world.kong.upstream("ml-upstream", stable)
            world.kong.service("ml-service", host: "ml-upstream")
            world.kong.route("ml-route", service: "ml-service")
            world.kong.plugin("post-function", route: "ml-route", .function(["access": ["x()"]]))
        }
        world.kong.edit { $0.expectsTelemetry = isJudged }
        let foreign = world.kong.read(\.plugins)
        let limits = Limits(world)
        await world.source.observe { rollout, report in limits.saw(rollout, report) }
        await world.create(
            World.plan(
                steps: steps, stable: hasTwins ? ["v6:80", "v6b:80"] : ["v6:80"],
                canary: dice.roll(3) == 0 ? ["v7:80", "v7b:80"] : ["v7:80"], judged: isJudged))
        await world.source.interrupt {
            guard !isCalm.withLock({ $0 }), dice.roll(200) == 0 else { return nil }
            return .command(.step(.share(TrafficShare(basisPoints: 1 + dice.roll(9_999))!)))
        }
        var follower = Follower(world.name, on: world.site)
        let meddler = Dice(seed + 1_000)
        for _ in 0..<40 + dice.roll(60) {
            await world.once(follower)
            if isJudged { await meddle(world, meddler) }
            if dice.roll(12) == 0 { follower = Follower(world.name, on: world.restarted) }
            if dice.roll(4) == 0 { await move(world, dice, steps) }
        }
        isCalm.withLock { $0 = true }
        let wasEnded = await world.rollout.phase.isEnded
        let end: Phase.Name
        if dice.roll(2) == 0 {
            await world.abort()
            end = .aborted
        } else {
            await world.source.apply(.command(.resume), to: world.name)
            await world.source.apply(.command(.promote), to: world.name)
            end = .promoted
        }
        let hasConverged = await world.drive(follower, to: end)
        let last = await world.rollout.phase
        #expect(hasConverged || wasEnded && last.isEnded, "seed \(seed): \(last)")
        #expect(world.kong.read(\.violations) == [], "seed \(seed)")
        for _ in 0..<80 where await world.rollout.drainedAt == nil { await world.once(follower) }
        #expect(await world.rollout.drainedAt != nil, "seed \(seed)")
        #expect(world.kong.read(\.plugins) == foreign, "seed \(seed)")
    }

    /// Somebody takes our plugins away or changes them, and judgement is switched off and on.
    private func meddle(_ world: World, _ dice: Dice) async {
        guard world.kong.read(\.hasToldOnce), dice.roll(6) == 0 else { return }
        switch dice.roll(4) {
        case 0: world.kong.edit { $0.plugins.removeAll { $0.tags.contains("kong-rollouts") } }
        case 1:
            world.kong.edit { state in
                for index in state.plugins.indices
                where state.plugins[index].tags.contains("kong-rollouts") {
                    state.plugins[index].isEnabled = false
                }
            }
        default:
            guard await !world.rollout.phase.isEnded else { return }
            await world.source.judge(world.name) { $0.isEnabled.toggle() }
        }
    }

    private func move(_ world: World, _ dice: Dice, _ steps: [Int]) async {
        let command: Event.Command
        switch dice.roll(12) {
        case 0...6: command = .step(.next)
        case 7: command = .step(.index(dice.roll(steps.count)))
        case 8: command = .step(.share(TrafficShare(basisPoints: 1 + dice.roll(9_999))!))
        case 9:
            command = .pause(
                Cause(by: "ci", reason: .requested, message: "", at: world.time.timestamp))
        case 10: command = .resume
        default: command = dice.roll(6) == 0 ? .promote : .resume
        }
        await world.source.apply(.command(command), to: world.name)
    }
}

/// The largest share the promises allow at any moment: set in the fake whenever something is saved.
final class Limits: Sendable {
    private let world: World
    private let unconfirmed = Mutex(TrafficShare.none)

    init(_ world: World) { self.world = world }

    func saw(_ rollout: Rollout, _ report: GatewayReport?) {
        let limit = unconfirmed.withLock { unconfirmed in
            if case .confirmed(let share, _) = report?.finding { unconfirmed = share }
            unconfirmed = max(unconfirmed, rollout.wantedShare)
            return unconfirmed
        }
        if case .confirmed = report?.finding { world.kong.edit { $0.expectFollowed() } }
        // The plan of weights may round up by 0.05 points where nothing else is near.
        let allowed = ExactShare(
            TrafficShare(basisPoints: min(limit.basisPoints + (limit == .none ? 0 : 5), 10_000))!)
        world.kong.edit { $0.limit = allowed }
    }
}

extension FakeKong.State {
    /// What was called confirmed must be live on every node.
    mutating func expectFollowed() {
        for upstream in upstreams {
            let rows = Dictionary(
                (targets[upstream.id] ?? []).map { ($0.address, $0.weight) },
                uniquingKeysWith: { $1 })
            for (index, node) in nodes.enumerated() where node.live[upstream.id] != rows {
                violations.append("confirmed while node \(index) has other weights")
            }
        }
    }
}
