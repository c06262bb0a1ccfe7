import Rollouts
import Testing

@testable import Gateway

@Suite struct ClimbTests {
    @Test func `a new rollout makes upstream, targets, service and route in that order`() async {
        let world = World()
        await world.create(World.plan())
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        let made = world.kong.read(\.writes).prefix(5).map(\.call.path)
        #expect(
            made == [
                "/upstreams", "/upstreams/ml-upstream/targets", "/upstreams/ml-upstream/targets",
                "/services", "/routes",
            ])
        #expect(world.kong.read(\.violations) == [])
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 1000, "v7:80": 250])
    }

    @Test(arguments: [1, 2, 3])
    func `a full climb promotes`(nodes: Int) async {
        let world = World(nodes: nodes)
        await world.create(World.plan())
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        await world.source.apply(.command(.step(.next)), to: world.name)
        #expect(await world.drive(follower, to: .holding))
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 1000, "v7:80": 1000])
        await world.source.apply(.command(.promote), to: world.name)
        #expect(await world.drive(follower, to: .promoted))
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 0, "v7:80": 1000])
        #expect(world.kong.read(\.violations) == [])
    }

    @Test func `an abort takes the canary to 0 and puts stable back`() async {
        let world = World(nodes: 2)
        world.kong.upstream("ml-upstream", [("v6:80", 80)])
        world.kong.service("ml-service", host: "ml-upstream")
        world.kong.route("ml-route", service: "ml-service")
        await world.create(World.plan())
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        await world.abort()
        #expect(await world.drive(follower, to: .aborted))
        #expect(world.kong.weights("ml-upstream") == ["v6:80": 80, "v7:80": 0])
        #expect(world.kong.read(\.violations) == [])
    }

    @Test func `a step is one PATCH when everything was just read`() async {
        let world = World()
        await world.create(World.plan())
        let follower = Follower(world.name, on: world.site)
        #expect(await world.drive(follower, to: .holding))
        let calls = world.kong.read(\.calls)
        let writes = world.kong.read(\.writes).count
        await world.source.apply(.command(.step(.next)), to: world.name)
        await world.once(follower)
        #expect(await world.phase == .holding)
        #expect(world.kong.read(\.writes).count == writes + 1)
        // One PATCH, six reads to have met both workers, one look while holding.
        #expect(world.kong.read(\.calls) == calls + 8)
    }
}
