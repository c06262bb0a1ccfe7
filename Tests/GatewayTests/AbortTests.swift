import Rollouts
import Testing

@testable import Gateway

@Suite struct AbortTests {
    @Test func `an abort writes at once while a node is silent`() async {
        let (world, follower) = await World.holding(nodes: 2)
        world.kong.edit { $0.nodes[1].isDown = true }
        await world.abort()
        let start = world.time.now
        _ = await follower.pass()
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 0)
        // A call's limit of a second may pass while a slow machine makes it: time passes here
        // whenever somebody sleeps. A raise would have waited for the silent node's 30 s.
        #expect(world.time.now - start < .seconds(5))
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
        let (world, follower) = await World.holding()
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
        let (world, follower) = await World.holding()
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
        let (world, follower) = await World.holding()
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

    @Test func `an abort without any stable target makes one first`() async {
        let (world, follower) = await World.holding()
        world.kong.edit { state in
            let id = state.upstreams[0].id
            state.targets[id]?.removeAll { $0.address == "v6:80" }
        }
        await world.abort()
        #expect(await world.drive(follower, to: .aborted))
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 1000, "v7:80": 0])
        #expect(world.kong.read(\.violations) == [])
    }

    @Test func `an abort that has to look first waits for no node that hangs`() async {
        let (world, follower) = await World.holding(nodes: 3)
        world.kong.edit { state in
            for index in 0..<2 { state.nodes[index].isHanging = true }
        }
        world.time.advance(by: .seconds(40))
        await world.abort()
        let pass = Task { await follower.pass() }
        // Nobody but its caller ends a call that hangs here.
        for _ in 0..<200_000 where world.kong.weights("ml-upstream")["v7:80"] != 0 {
            await Task.yield()
        }
        #expect(world.kong.weights("ml-upstream")["v7:80"] == 0)
        #expect(world.kong.read(\.writesThrough).last == 2)
        world.kong.edit { state in
            for index in 0..<2 { state.nodes[index].isHanging = false }
        }
        _ = await pass.value
        #expect(await world.drive(follower, to: .aborted))
        #expect(world.kong.read(\.violations) == [])
    }
}
