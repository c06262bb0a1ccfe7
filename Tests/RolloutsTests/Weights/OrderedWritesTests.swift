import Rollouts
import TestSupport
import Testing

@Suite struct OrderedWritesTests {
    private func writes(
        _ stable: [Int], _ canary: [Int], to basisPoints: Int
    ) throws -> [String] {
        let targets = try World.targets(.stable, stable) + World.targets(.canary, canary)
        let plan = try plannedWeights(for: World.share(basisPoints), among: targets)
        return orderedWrites(from: targets, to: plan).map { "\($0.address) \($0.from)>\($0.to)" }
    }

    @Test func `a step on a fixed scale is one write`() throws {
        #expect(try writes([1_000], [250], to: 5_000) == ["canary0:80 250>1000"])
    }

    @Test func `promoting raises the canary before it lowers stable`() throws {
        let wanted = ["canary0:80 0>100", "stable0:80 1000>0", "stable1:80 1000>0"]
        #expect(try writes([1_000, 1_000], [0], to: 10_000) == wanted)
    }

    @Test func `an abort takes the canary to 0 first`() throws {
        #expect(try writes([1_000], [250], to: 0) == ["canary0:80 250>0"])
    }

    @Test func `an abort at 100 percent first raises every stable target`() throws {
        let wanted = ["stable0:80 0>100", "stable1:80 0>100", "canary0:80 500>0", "canary1:80 7>0"]
        #expect(try writes([0, 0], [500, 7], to: 0) == wanted)
    }

    @Test func `while stable stays at 0 the canary is raised before it is lowered`() throws {
        let wanted = ["canary1:80 0>100", "canary0:80 500>100"]
        #expect(try writes([0], [500, 0], to: 10_000) == wanted)
    }

    @Test func `rescaling several targets at most doubles a weight in a round`() throws {
        let present = try World.targets(.stable, [100, 300])
        let rounds = rescalingRounds(from: present, to: ["stable0:80": 1_000, "stable1:80": 3_000])
        #expect(rounds.map { $0.map(\.to) } == [[200, 600], [400, 1200], [800, 2400], [1000, 3000]])
        let back = rescalingRounds(
            from: try World.targets(.stable, [1_000, 3_000]),
            to: ["stable0:80": 100, "stable1:80": 300])
        #expect(back.map { $0.map(\.to) } == [[800, 2400], [400, 1200], [200, 600], [100, 300]])
    }

    @Test func `no target gets more than twice its part while stable is rescaled`() throws {
        var generator = Seed(3)
        for _ in 0..<300 {
            let ratio = (0..<Int.random(in: 2...4, using: &generator)).map { _ in
                Int.random(in: 1...20, using: &generator)
            }
            let (from, to) = (
                Int.random(in: 1...500, using: &generator),
                Int.random(in: 1...500, using: &generator)
            )
            let whole = ratio.reduce(0, +)
            var targets = try World.targets(.stable, ratio.map { $0 * from })
            let goal = Dictionary(
                uniqueKeysWithValues: zip(targets.map(\.address), ratio.map { $0 * to }))
            for write in rescalingRounds(from: targets, to: goal).joined() {
                targets = write.applied(to: targets)
                let sum = targets.map(\.weight).reduce(0, +)
                for (target, part) in zip(targets, ratio)
                where target.weight * whole > 2 * part * sum {
                    Issue.record("\(ratio) \(from)>\(to): \(targets.map(\.weight))")
                }
            }
            #expect(targets.allSatisfy { goal[$0.address] == $0.weight })
        }
    }

    /// Every prefix: some target above 0, at most the larger of the old and new share; the end is
    /// the plan; `isSafe` agrees with each write.
    private func expectSafe(_ present: [WeighedTarget], _ plan: WeightPlan, _ note: String) throws {
        let ceiling = max(share(of: present) ?? .none, plan.achieved)
        var targets = present
        for write in orderedWrites(from: present, to: plan) {
            let from = targets.first { $0.address == write.address }?.weight
            let safe = isSafe(write, in: targets, ceiling: ceiling)
            targets = write.applied(to: targets)
            guard let now = share(of: targets), now <= ceiling, safe, from == write.from else {
                Issue.record("\(note): \(write) of \(present.map(\.weight)) to \(plan.weights)")
                return
            }
        }
        if targets != plan.applied(to: present) {
            Issue.record("\(note): ends at \(targets.map(\.weight)), not \(plan.weights)")
        }
    }

    @Test(arguments: PlanLawTests.sizes)
    func `no prefix of a move exceeds the larger of the old and the new share`(
        _ size: (Int, Int)
    ) throws {
        let palette = [0, 0, 1, 7, 50, 100, 333, 1_000, 65_535]
        var generator = Seed(UInt64(100 + size.0 * 10 + size.1))
        for _ in 0..<400 {
            let stable = (0..<size.0).map { _ in palette.randomElement(using: &generator) ?? 0 }
            let canary = (0..<size.1).map { _ in palette.randomElement(using: &generator) ?? 0 }
            let targets = try World.targets(.stable, stable) + World.targets(.canary, canary)
            let asked = [0, 0, 100, 500, 2_000, 5_000, 9_000, 9_900, 10_000, 10_000]
                .randomElement(using: &generator) ?? 0
            do {
                let plan = try plannedWeights(for: World.share(asked), among: targets)
                try expectSafe(targets, plan, "\(stable) \(canary) to \(asked)")
            } catch WeightPlanError.notReachable {
                #expect(asked != 0 && asked != 10_000)
            }
        }
    }

    @Test func `a write that would exceed the ceiling or leave nothing is not safe`() throws {
        let targets = try World.targets(.stable, [100]) + World.targets(.canary, [0])
        let ceiling = ExactShare(try World.share(2_000))
        let raise = WeightWrite(address: "canary0:80", side: .canary, from: 0, to: 26)
        let within = WeightWrite(address: "canary0:80", side: .canary, from: 0, to: 25)
        let last = WeightWrite(address: "stable0:80", side: .stable, from: 100, to: 0)
        let unknown = WeightWrite(address: "other:80", side: .canary, from: 1, to: 0)
        #expect(!isSafe(raise, in: targets, ceiling: ceiling))
        #expect(isSafe(within, in: targets, ceiling: ceiling))
        #expect(!isSafe(last, in: targets, ceiling: .all))
        #expect(!isSafe(unknown, in: targets, ceiling: .all))
    }

    @Test func `lowering is safe from above the ceiling`() throws {
        let targets = try World.targets(.stable, [100]) + World.targets(.canary, [300])
        let lower = WeightWrite(address: "canary0:80", side: .canary, from: 300, to: 100)
        #expect(isSafe(lower, in: targets, ceiling: ExactShare(try World.share(2_000))))
    }
}
