import Rollouts
import Synchronization
import Testing

@testable import Gateway

@Suite struct TroubleTests {
    @Test func `a node that keeps an old weight is kicked`() async {
        let (world, follower) = await World.holding(nodes: 2)
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
        let (world, follower) = await World.holding(nodes: 2)
        world.kong.edit { $0.nodes[1].isDown = true }
        await world.once(follower)
        let start = world.time.now
        await world.source.apply(.command(.step(.next)), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        #expect(world.time.now - start >= .seconds(14))
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 1000)
        #expect(await follower.view.condition(.nodesConfirmed)?.reason == "NodeLeftOut")
    }

    @Test func `a raised canary is repaired at once`() async {
        let (world, follower) = await World.holding()
        world.kong.setWeight("v7:80", in: "ml-upstream", to: 4000)
        await world.once(follower)
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 250)
        #expect(await world.phase == .holding)
    }

    @Test func `a fourth repair in ten minutes pauses`() async {
        let (world, follower) = await World.holding()
        for _ in 0..<4 {
            world.kong.setWeight("v7:80", in: "ml-upstream", to: 4000)
            await world.once(follower)
        }
        #expect(await world.rollout.phase.cause?.reason == .contested)
        #expect(await follower.view.condition(.uncontested)?.status == .bad)
    }

    @Test func `a lowered canary is left alone until somebody resumes`() async {
        let (world, follower) = await World.holding()
        world.kong.setWeight("v7:80", in: "ml-upstream", to: 10)
        await world.once(follower)
        #expect(await world.rollout.phase.cause?.reason == .loweredInKong)
        await world.once(follower)
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 10)
        await world.source.apply(.command(.resume), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 250)
    }

    @Test func `a ratio of stable's that is changed before it was confirmed ends no climb`() async {
        let world = World()
        world.kong.upstream("ml-upstream", [("v6:80", 500), ("v6b:80", 500)])
        world.kong.service("ml-service", host: "ml-upstream")
        world.kong.route("ml-route", service: "ml-service")
        await world.create(World.plan(stable: ["v6:80", "v6b:80"]))
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        world.kong.edit { $0.unresolved = ["v7:80"] }
        await world.source.apply(.command(.step(.next)), to: world.name)
        for _ in 0..<3 { await world.once(follower) }
        #expect(await world.phase == .shifting)
        let weights = world.kong.weights("ml-upstream")
        // The share stays what is asked.
        world.kong.setWeight("v6:80", in: "ml-upstream", to: weights["v6:80"]! - 100)
        world.kong.setWeight("v6b:80", in: "ml-upstream", to: weights["v6b:80"]! + 100)
        for _ in 0..<3 { await world.once(follower) }
        world.kong.edit { $0.unresolved = [] }
        #expect(await world.drive(follower, to: .holding))
        #expect(world.kong.weights("ml-upstream") == weights)
        #expect(world.kong.read(\.violations) == [])
    }

    @Test func `an entity that is gone is not made again`() async {
        let (world, follower) = await World.holding()
        world.kong.edit { $0.routes = [] }
        await world.once(follower)
        #expect(await world.rollout.phase.cause?.reason == .entityGone)
        #expect(world.kong.read(\.routes) == [])
    }

    @Test func `with consent what is gone is made again, and followed by its new id`() async {
        let (world, follower) = await World.holding()
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

    /// What a call costs an abort is exposure, so it waits for none before its first writes.
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

    @Test func `a drain takes out only what we made and nobody names`() async {
        let (world, follower) = await World.holding()
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
