import Rollouts
import Synchronization
import Testing

@testable import Gateway

@Suite struct TroubleTests {
    private func holding(
        nodes: Int = 1, steps: [Int] = [20, 50]
    ) async -> (world: World, follower: Follower) {
        let world = World(nodes: nodes)
        world.kong.upstream("ml-upstream", [("v6:80", 1000)])
        world.kong.service("ml-service", host: "ml-upstream")
        world.kong.route("ml-route", service: "ml-service")
        await world.create(World.plan(steps: steps))
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        return (world, follower)
    }

    @Test func `a node that keeps an old weight is kicked`() async {
        let (world, follower) = await holding(nodes: 2)
        world.kong.edit { $0.nodes[1].stuckFor = 2 }
        let before = world.kong.read(\.writes).count
        await world.abort()
        #expect(await world.drive(follower, to: .aborted))
        let live = world.kong.read(\.nodes)[1].live.values.first
        #expect(live?["v7:80"] == 0)
        let zeros = zip(world.kong.read(\.writesThrough), world.kong.read(\.writes))
            .dropFirst(before).filter { $0.0 == 1 && $0.1 == world.kong.read(\.writes).last }
        #expect(zeros.count == 3)
    }

    @Test func `a silent node is left out after its grace, and raising waits for that`() async {
        let (world, follower) = await holding(nodes: 2)
        world.kong.edit { $0.nodes[1].isDown = true }
        await world.once(follower)
        let start = world.time.now
        await world.source.apply(.command(.step(.next)), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        #expect(world.time.now - start >= .seconds(14))
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 1000)
        #expect(await follower.view.condition(.nodesConfirmed)?.reason == "NodeLeftOut")
    }

    @Test func `an abort writes at once while a node is silent`() async {
        let (world, follower) = await holding(nodes: 2)
        world.kong.edit { $0.nodes[1].isDown = true }
        await world.abort()
        let start = world.time.now
        _ = await follower.pass()
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 0)
        #expect(world.time.now - start < .seconds(1))
        #expect(await world.phase == .aborting)
        #expect(await world.drive(follower, to: .aborted))
    }

    @Test func `an abort saved between two writes is the next write`() async {
        let world = World()
        await world.create(World.plan(canary: ["v7:80", "v7b:80"]))
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        let before = world.kong.read(\.writes).count
        let cause = Cause(by: "ci", reason: .requested, message: "", at: world.time.timestamp)
        await world.source.apply(.command(.step(.next)), to: world.name)
        await world.source.interrupt {
            world.kong.read(\.writes).count == before + 1 ? .command(.abort(cause)) : nil
        }
        #expect(await world.drive(follower, to: .aborted))
        let bodies = world.kong.read(\.writes).dropFirst(before).map {
            String(decoding: $0.call.body ?? [], as: UTF8.self)
        }
        // One canary target had been raised for the step, the other never is.
        #expect(bodies.dropFirst().prefix(2) == [#"{"weight":0}"#, #"{"weight":0}"#])
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 0)
        #expect(world.kong.weights("ml-upstream")["v7b:80"] == 0)
    }

    @Test func `a raised canary is repaired at once`() async {
        let (world, follower) = await holding()
        world.kong.setWeight("v7:80", in: "ml-upstream", to: 4000)
        await world.once(follower)
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 250)
        #expect(await world.phase == .holding)
    }

    @Test func `a fourth repair in ten minutes pauses`() async {
        let (world, follower) = await holding()
        for _ in 0..<4 {
            world.kong.setWeight("v7:80", in: "ml-upstream", to: 4000)
            await world.once(follower)
        }
        #expect(await world.rollout.phase.cause?.reason == .contested)
        #expect(await follower.view.condition(.uncontested)?.status == .bad)
    }

    @Test func `a lowered canary is left alone until somebody resumes`() async {
        let (world, follower) = await holding()
        world.kong.setWeight("v7:80", in: "ml-upstream", to: 10)
        await world.once(follower)
        #expect(await world.rollout.phase.cause?.reason == .loweredInKong)
        await world.once(follower)
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 10)
        await world.source.apply(.command(.resume), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 250)
    }

    @Test func `an entity that is gone is not made again`() async {
        let (world, follower) = await holding()
        world.kong.edit { $0.routes = [] }
        await world.once(follower)
        #expect(await world.rollout.phase.cause?.reason == .entityGone)
        #expect(world.kong.read(\.routes) == [])
    }

    @Test func `with consent what is gone is made again, and followed by its new id`() async {
        let (world, follower) = await holding()
        world.kong.edit { $0.routes = [] }
        await world.source.adopt(world.name)
        for _ in 0..<3 { await world.once(follower) }
        #expect(world.kong.read(\.routes).map(\.name) == ["ml-route"])
        #expect(await world.phase == .holding)
        await world.source.apply(.command(.step(.next)), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        #expect(await world.rollout.footing?.route.id == world.kong.read(\.routes).first?.id)
    }

    @Test func `a name that does not resolve stops the climb`() async {
        let world = World()
        world.kong.edit { $0.unresolved = ["v7:80"] }
        await world.create(World.plan())
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .shifting, passes: 20) == false)
        #expect(await follower.view.condition(.targetsResolved)?.status == .bad)
        world.kong.edit { $0.unresolved = [] }
        #expect(await world.drive(follower, to: .holding))
    }

    @Test func `an abort with all of stable unhealthy goes to 0 and says so`() async {
        let world = World()
        await world.create(World.plan())
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        let stable = world.kong.weights("ml-upstream").keys.filter { $0 != "v7:80" }
        world.kong.edit { $0.unhealthy = Set(stable) }
        await world.abort()
        #expect(await world.drive(follower, to: .aborted))
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 0)
        let condition = await follower.view.condition(.weightsExact)
        #expect(condition?.status == .bad && condition?.reason == "StableUnhealthy")
    }

    @Test func `an abort before anything was read never touches Kong`() async {
        let world = World()
        world.kong.edit { $0.nodes[0].isDown = true }
        await world.create(World.plan())
        let follower = Follower(world.name, on: world.site)
        await world.once(follower)
        #expect(await world.phase == .pending)
        #expect(await follower.view.isReachable == false)
        await world.abort()
        _ = await follower.pass()
        #expect(await world.phase == .aborted)
        #expect(await world.rollout.drainedAt != nil)
    }

    @Test func `an abort raises stable first when all of it stands at 0`() async {
        let (world, follower) = await holding()
        await world.source.apply(.command(.promote), to: world.name)
        while world.kong.weights("ml-upstream")["v6:80"] != 0 { await world.once(follower) }
        // The promotion ended; a new rollout would undo it. One still under way is what is meant.
        await world.source.reopen(world.name)
        await world.abort()
        let before = world.kong.read(\.writes).count
        #expect(await world.drive(follower, to: .aborted))
        let bodies = world.kong.read(\.writes).dropFirst(before).map {
            String(decoding: $0.call.body ?? [], as: UTF8.self)
        }
        #expect(bodies.first == #"{"weight":1000}"#)
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 1000, "v7:80": 0])
        #expect(world.kong.read(\.violations) == [])
    }

    /// What a call costs an abort is exposure, so it waits for none before its first writes.
    @Test(arguments: [1, 3]) func `an abort's first PATCH waits for no read`(nodes: Int) async {
        let world = World(nodes: nodes, telemetry: TelemetryTests.settings)
        await world.create(World.plan(judged: true))
        let follower = Follower(world.name, on: world.site)
        while await world.phase != .holding { _ = await follower.pass() }
        let before = world.kong.read(\.trace).count
        let written = world.kong.read(\.writes).count
        world.time.advance(by: .seconds(14))
        await world.abort()
        _ = await follower.pass()
        #expect(world.kong.read(\.trace)[before] == true)
        let first = world.kong.read(\.writes)[written].call
        #expect(first.body.map { String(decoding: $0, as: UTF8.self) } == #"{"weight":0}"#)
        #expect(await world.drive(follower, to: .aborted))
        #expect(world.kong.read(\.violations) == [])
    }

    @Test func `an abort looks first when the last look is long ago`() async {
        let (world, follower) = await holding()
        let before = world.kong.read(\.trace).count
        world.time.advance(by: .seconds(16))
        await world.abort()
        _ = await follower.pass()
        #expect(world.kong.read(\.trace)[before] == false)
        #expect(await world.drive(follower, to: .aborted))
    }

    @Test func `an abort that met a stable target just gone makes it at once`() async {
        let world = World()
        await world.create(World.plan())
        let follower = Follower(world.name, on: world.site)
        while await world.phase != .holding { _ = await follower.pass() }
        world.kong.edit { state in
            let id = state.upstreams[0].id
            state.targets[id]?.removeAll { $0.address == "v6:80" }
        }
        await world.abort()
        let before = world.kong.read(\.trace).count
        _ = await follower.pass()
        // The PATCH, the look right after it, the POST.
        #expect(Array(world.kong.read(\.trace)[before...].prefix(3)) == [true, false, true])
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 100, "v7:80": 0])
    }

    @Test func `a look that is under way gives way to what is saved meanwhile`() async {
        let (world, follower) = await holding()
        let before = world.kong.read(\.trace).count
        let cause = Cause(by: "ci", reason: .requested, message: "", at: world.time.timestamp)
        await world.source.interrupt {
            world.kong.read(\.trace).count == before + 1 ? .command(.abort(cause)) : nil
        }
        _ = await follower.pass()
        // One call of the look, the look at stable, the PATCH.
        #expect(Array(world.kong.read(\.trace)[before...].prefix(3)) == [false, false, true])
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 0)
    }

    @Test func `targets are told with the addresses that records name`() async {
        let world = World(nodes: 2)
        world.kong.edit { $0.addresses = ["v6:80": ["10.0.0.6:80", "[fd00::6]:80"]] }
        await world.create(World.plan())
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        let targets = await follower.view.targets
        #expect(
            targets.first { $0.address == "v6:80" }?.addresses == ["10.0.0.6:80", "[fd00::6]:80"])
        #expect(
            targets.first { $0.address == "v7:80" }?.addresses == ["10.0.0.0:80", "10.0.0.1:80"])
    }

    @Test func `an abort without any stable target makes one first`() async {
        let (world, follower) = await holding()
        world.kong.edit { state in
            let id = state.upstreams[0].id
            state.targets[id]?.removeAll { $0.address == "v6:80" }
        }
        await world.abort()
        #expect(await world.drive(follower, to: .aborted))
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 1000, "v7:80": 0])
        #expect(world.kong.read(\.violations) == [])
    }

    @Test func `a drain takes out only what we made and nobody names`() async {
        let (world, follower) = await holding()
        await world.abort()
        #expect(await world.drive(follower, to: .aborted))
        #expect(world.kong.weights("ml-upstream").keys.sorted() == ["v6:80", "v7:80"])
        for _ in 0..<40 where await world.rollout.drainedAt == nil { await world.once(follower) }
        #expect(await world.rollout.drainedAt != nil)
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 1000])
        #expect(world.kong.read(\.violations) == [])
    }

    @Test(arguments: [FakeKong.Fault.lostBefore, .lostAfter, .server])
    func `what was perhaps applied is read before it is repeated`(fault: FakeKong.Fault) async {
        let armed = Mutex(false)
        let world = World(fault: { _, isWrite in
            guard isWrite else { return nil }
            return armed.withLock { isArmed in
                defer { isArmed = false }
                return isArmed ? fault : nil
            }
        })
        await world.create(World.plan())
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        armed.withLock { $0 = true }
        await world.source.apply(.command(.step(.next)), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 1000)
        #expect(world.kong.read(\.violations) == [])
    }

    @Test func `a refusal pauses with Kong's words`() async {
        let isRefusing = Mutex(true)
        let world = World(fault: { _, isWrite in
            isWrite && isRefusing.withLock { $0 } ? .refused : nil
        })
        await world.create(World.plan())
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .paused))
        #expect(await world.rollout.phase.cause?.message.contains("schema violation") == true)
        isRefusing.withLock { $0 = false }
        await world.source.apply(.command(.resume), to: world.name)
        #expect(await world.drive(follower, to: .holding))
    }
}

extension MemorySource {
    /// As if the promotion had not been confirmed yet.
    func reopen(_ name: RolloutName) {
        guard let rollout = rollouts[name] else { return }
        rollouts[name] = rollout.moved(to: .promoting, at: rollout.updatedAt)
    }
}
