import Rollouts
import Testing

@testable import Gateway

@Suite struct MissedTargetTests {
    /// A rebuild that met an error can leave a node without a new target for good, as it can leave
    /// it at an old weight.
    @Test(arguments: [false, true])
    func `a node that missed a target is written through again`(isAbort: Bool) async {
        let world = World(nodes: 2)
        world.kong.edit { $0.nodes[1].stuckFor = 3 }
        await world.create(World.plan(steps: [20]))
        let follower = Follower(world.name, on: world.site)
        for _ in 0..<8 { await world.once(follower) }
        #expect(await world.rollout.phase.name == .pending)
        if isAbort { await world.abort() }
        #expect(await world.drive(follower, to: isAbort ? .aborted : .holding))
        #expect(world.kong.read(\.violations) == [])
    }
}
