import Rollouts
import Testing

@Suite struct PlannedWeightsTests {
    /// Present stable and canary weights, the share asked, the weights wanted.
    static let examples: [([Int], [Int], Int, [Int], [Int])] = [
        ([1000], [0], 2_000, [1000], [250]),
        ([1000], [250], 5_000, [1000], [1000]),
        ([1000], [1000], 10_000, [0], [1000]),
        ([1000], [250], 0, [1000], [0]),
        ([800], [200], 2_000, [800], [200]),
        ([100], [0], 2_000, [100], [25]),
        ([1000], [0], 10_000, [0], [100]),
        ([1000], [0, 50], 10_000, [0, ], [100, 100]),
        ([100, 100], [0], 5_000, [100, 100], [200]),
        ([100, 300], [0, 0], 5_000, [100, 300], [200, 200]),
        ([0], [1000], 0, [100], [0]),
        ([1140], [0], 500, [1140], [60]),
        ([100], [0], 500, [1140], [60]),
    ]

    @Test(arguments: examples)
    func `a share becomes these weights`(
        _ example: ([Int], [Int], Int, [Int], [Int])
    ) throws {
        let (stable, canary, basisPoints, wantedStable, wantedCanary) = example
        let targets =
            try World.targets(.stable, stable) + World.targets(.canary, canary)
        let plan = try plannedWeights(for: World.share(basisPoints), among: targets)
        #expect(World.weights(plan, .stable, targets) == wantedStable)
        #expect(World.weights(plan, .canary, targets) == wantedCanary)
    }

    @Test func `every address of a name counts with the full weight`() throws {
        let targets =
            try World.targets(.stable, [90], addresses: [3]) + World.targets(.canary, [0])
        let plan = try plannedWeights(for: World.share(1_000), among: targets)
        #expect(World.weights(plan, .stable, targets) == [90])
        #expect(World.weights(plan, .canary, targets) == [30])
    }

    @Test func `a present share within the tolerance is left alone`() throws {
        let targets = try World.targets(.stable, [950]) + World.targets(.canary, [237])
        let plan = try plannedWeights(for: World.share(2_000), among: targets)
        #expect(World.weights(plan, .canary, targets) == [237])
    }

    @Test func `an uneven wheel of the operator's own is left alone at 0 and 100 percent`() throws {
        let targets =
            try World.targets(.stable, [65_521, 65_519]) + World.targets(.canary, [65_497, 7])
        for basisPoints in [0, 10_000] {
            let plan = try plannedWeights(for: World.share(basisPoints), among: targets)
            let side: VersionSide = basisPoints == 0 ? .stable : .canary
            let present = targets.filter { $0.side == side }.map(\.weight)
            #expect(World.weights(plan, side, targets) == present)
        }
    }

    @Test func `stable comes back with the baseline's weights and ratio`() throws {
        let targets =
            try World.targets(.stable, [0, 0], baseline: [50, 150])
            + World.targets(.canary, [77], baseline: [0])
        let none = try plannedWeights(for: .none, among: targets)
        #expect(World.weights(none, .stable, targets) == [50, 150])
        let half = try plannedWeights(for: World.share(5_000), among: targets)
        let stable = World.weights(half, .stable, targets)
        #expect(stable[1] == 3 * stable[0])
        #expect(half.achieved == ExactShare(try World.share(5_000)))
    }

    @Test func `a raise of stable that was cut short is completed by an abort`() throws {
        let targets =
            try World.targets(.stable, [50, 0], baseline: [50, 150])
            + World.targets(.canary, [77], baseline: [0])
        let plan = try plannedWeights(for: .none, among: targets)
        #expect(World.weights(plan, .stable, targets) == [50, 150])
    }

    @Test func `a rescale that was cut short does not become the ratio`() throws {
        let targets =
            try World.targets(.stable, [200, 300], baseline: [100, 300])
            + World.targets(.canary, [20, 10], baseline: [100, 100])
        let plan = try plannedWeights(for: World.share(2_000), among: targets)
        #expect(World.sameRatio(World.weights(plan, .stable, targets), [100, 300]))
        #expect(World.sameRatio(World.weights(plan, .canary, targets), [1, 1]))
    }

    @Test func `restoring brings the baseline back`() throws {
        let targets =
            try World.targets(.stable, [1000, 3000], baseline: [100, 300])
            + World.targets(.canary, [77], baseline: [0])
        let plan = try restoredWeights(among: targets)
        #expect(World.weights(plan, .stable, targets) == [100, 300])
        #expect(World.weights(plan, .canary, targets) == [0])
    }

    @Test func `a version without a target is an error`() throws {
        let stable = try World.targets(.stable, [100])
        let canary = try World.targets(.canary, [100])
        #expect(throws: WeightPlanError.noCanaryTarget) {
            try plannedWeights(for: .all, among: stable)
        }
        #expect(throws: WeightPlanError.noStableTarget) {
            try plannedWeights(for: .none, among: canary)
        }
    }

    @Test func `a share no wheel can hold names its neighbours`() throws {
        let targets =
            try World.targets(.stable, [100], addresses: [2_000]) + World.targets(.canary, [0])
        let expected = WeightPlanError.notReachable(
            nearestBelow: try World.share(8_005), nearestAbove: nil)
        #expect(throws: expected) { try plannedWeights(for: World.share(9_000), among: targets) }
        _ = try plannedWeights(for: World.share(8_005), among: targets)
    }

    @Test(arguments: [-1, 65_536]) func `a weight Kong refuses is no target`(_ weight: Int) {
        #expect(WeighedTarget(address: "a:80", side: .canary, weight: weight) == nil)
        #expect(
            WeighedTarget(address: "a:80", side: .canary, weight: 1, baselineWeight: weight) == nil)
        #expect(WeighedTarget(address: "a:80", side: .canary, weight: 1, addressCount: 0) == nil)
    }
}
