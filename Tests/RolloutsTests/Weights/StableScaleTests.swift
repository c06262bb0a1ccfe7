import Rollouts
import TestSupport
import Testing

@Suite struct StableScaleTests {
    @Test func `a new upstream starts with 1000 when that hits every step`() throws {
        let targets = try World.targets(.stable, [0]) + World.targets(.canary, [0])
        let shares = try [2_000, 5_000, 10_000].map(World.share)
        let scale = try stableScale(for: shares, among: targets)
        #expect(scale.weights == ["stable0:80": 1_000])
        #expect(scale.servesAll)
    }

    @Test func `the default steps are all hit exactly`() throws {
        let targets = try World.targets(.stable, [0]) + World.targets(.canary, [0])
        let shares = try [500, 2_500, 5_000, 10_000].map(World.share)
        let scale = try stableScale(for: shares, among: targets)
        #expect(scale.servesAll)
        let stable = try World.targets(.stable, [try #require(scale.weights["stable0:80"])])
        for asked in shares {
            let plan = try plannedWeights(
                for: asked, among: stable + World.targets(.canary, [0]))
            #expect(plan.achieved == ExactShare(asked))
        }
    }

    @Test func `weights that serve every step are kept`() throws {
        let targets = try World.targets(.stable, [300, 100]) + World.targets(.canary, [0])
        let scale = try stableScale(
            for: [2_000, 5_000].map(World.share), among: targets)
        #expect(scale.weights == ["stable0:80": 300, "stable1:80": 100])
    }

    @Test func `stable sits at 1000 for each address of the canary`() throws {
        let targets =
            try World.targets(.stable, [0, 0]) + World.targets(.canary, [0], addresses: [3])
        let scale = try stableScale(for: [2_000].map(World.share), among: targets)
        #expect(scale.weights == ["stable0:80": 1_500, "stable1:80": 1_500])
    }

    /// Random plans: on the scale each step is one write, to the canary, up and down again.
    @Test func `on a scale that serves all every step is one write`() throws {
        var generator = Seed(7)
        for _ in 0..<150 {
            let count = Int.random(in: 1...8, using: &generator)
            let steps = Set((0..<count).map { _ in Int.random(in: 20...9_700, using: &generator) })
            let shares = try steps.sorted().map(World.share)
            let start =
                try World.targets(.stable, [100], baseline: [100])
                + World.targets(.canary, [0], baseline: [0])
            let scale = try stableScale(for: shares, among: start)
            #expect(scale.servesAll, "\(steps.sorted())")
            var targets = start.map { $0.weighing(scale.weights[$0.address] ?? $0.weight) }
            for asked in shares + shares.reversed() + [.none] {
                let plan = try plannedWeights(for: asked, among: targets, alongside: shares)
                let writes = orderedWrites(from: targets, to: plan)
                #expect(writes.count <= 1)
                #expect(writes.allSatisfy { $0.side == .canary })
                targets = plan.applied(to: targets)
            }
        }
    }

    @Test func `a rescale on the way takes the scale of all steps`() throws {
        let targets = try World.targets(.stable, [0]) + World.targets(.canary, [1_140])
        let steps = try [500, 2_500, 5_000].map(World.share)
        let plan = try plannedWeights(for: World.share(5_000), among: targets, alongside: steps)
        #expect(World.weights(plan, .stable, targets) == [1_140])
    }
}
