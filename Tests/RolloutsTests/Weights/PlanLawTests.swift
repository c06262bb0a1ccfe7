import Rollouts
import TestSupport
import Testing

/// What every plan keeps to, over all shares.
@Suite struct PlanLawTests {
    private func check(
        _ basisPoints: Int, _ targets: [WeighedTarget], ratios: ([Int], [Int])?, _ note: String
    ) throws -> [WeighedTarget] {
        let asked = try World.share(basisPoints)
        let plan = try plannedWeights(for: asked, among: targets)
        let after = plan.applied(to: targets)
        let (top, bottom) = (plan.achieved.numerator, plan.achieved.denominator)
        // |achieved − asked| ≤ 0.05 percentage points, in whole numbers.
        let error = abs(top * 10_000 - basisPoints * bottom)
        guard error <= 5 * bottom else {
            Issue.record("\(note): asked \(basisPoints), got \(top)/\(bottom)")
            return after
        }
        guard (top == 0) == (basisPoints == 0), (top == bottom) == (basisPoints == 10_000),
            share(of: after) == plan.achieved
        else {
            Issue.record("\(note): asked \(basisPoints), got \(top)/\(bottom)")
            return after
        }
        if basisPoints > 0, basisPoints < 10_000 {
            let wheel = World.wheel(after)
            let canary = World.weights(plan, .canary, targets)
            let stable = World.weights(plan, .stable, targets)
            let kept = ratios.map {
                World.sameRatio(stable, $0.0) && World.sameRatio(canary, $0.1)
            }
            if wheel > 10_000 || kept == false || !canary.allSatisfy({ $0 > 0 }) {
                Issue.record("\(note): \(basisPoints): wheel \(wheel), \(stable) \(canary)")
            }
        }
        if try plannedWeights(for: asked, among: after) != plan {
            Issue.record("\(note): \(basisPoints): planning again from \(plan.weights) writes")
        }
        return after
    }

    @Test(arguments: [0, 100, 1_000, 65_535])
    func `one target each reaches every share from 0 to 100 percent`(_ stable: Int) throws {
        var above = 0
        // Every share from a new upstream and from 1000, a sample from elsewhere.
        let stride = stride(from: 0, through: 10_000, by: stable % 1_000 == 0 ? 1 : 7)
        for basisPoints in stride {
            let targets = try World.targets(.stable, [stable]) + World.targets(.canary, [0])
            let after = try check(basisPoints, targets, ratios: nil, "stable \(stable)")
            let asked = ExactShare(try World.share(basisPoints))
            if try #require(share(of: after)) > asked { above += 1 }
        }
        #expect(above == 0)
    }

    @Test func `a walk over all shares from the present weights keeps every law`() throws {
        var generator = Seed(1)
        var targets =
            try World.targets(.stable, [1000], baseline: [1000])
            + World.targets(.canary, [0], baseline: [0])
        for basisPoints in (0...10_000).shuffled(using: &generator).prefix(2_000) {
            targets = try check(basisPoints, targets, ratios: nil, "walk")
        }
    }

    static let sizes = (1...3).flatMap { stable in (1...3).map { (stable, $0) } }

    @Test(arguments: sizes)
    func `uneven present weights keep their ratio at every share`(_ size: (Int, Int)) throws {
        let palette = [1, 2, 3, 4, 5, 10, 20, 50, 100, 150, 200, 300, 500, 1_000]
        var generator = Seed(UInt64(size.0 * 10 + size.1))
        for round in 0..<4 {
            let stable = (0..<size.0).map { _ in palette.randomElement(using: &generator) ?? 1 }
            let canary = (0..<size.1).map { _ in palette.randomElement(using: &generator) ?? 1 }
            // Fresh canaries with a known baseline, and live ones without.
            let isLive = round.isMultiple(of: 2)
            let addresses = stable.map { _ in Int.random(in: 1...3, using: &generator) }
            let targets =
                try World.targets(
                    .stable, stable, addresses: addresses, baseline: isLive ? nil : stable)
                + World.targets(
                    .canary, isLive ? canary : canary.map { _ in 0 },
                    baseline: isLive ? nil : canary)
            let coarse = isCoarse(stable) || isCoarse(canary)
            for basisPoints in stride(from: 10 + round, to: 9_990, by: 101) {
                do {
                    _ = try check(
                        basisPoints, targets, ratios: coarse ? nil : (stable, canary),
                        "\(stable) \(canary)")
                } catch WeightPlanError.notReachable(let below, let above) {
                    // Only what no wheel of 10000 slots can hold may be refused.
                    let effective = zip(stable, addresses).reduce(0) { $0 + $1.0 * $1.1 }
                    let part = effective * reduced(stable) / stable.reduce(0, +)
                    expectUnreachable(basisPoints, part, reduced(canary), below, above)
                }
            }
        }
    }

    /// Whether a ratio is so fine that rule 6 may round it.
    private func isCoarse(_ weights: [Int]) -> Bool { reduced(weights) > 100 }

    private func reduced(_ weights: [Int]) -> Int {
        var divisor = 0
        for weight in weights {
            var (left, right) = (divisor, weight)
            while right != 0 { (left, right) = (right, left % right) }
            divisor = left
        }
        return weights.reduce(0, +) / max(divisor, 1)
    }

    /// By brute force over all wheels: the reduced ratios really cannot stand at this share.
    private func expectUnreachable(
        _ basisPoints: Int, _ part: Int, _ unit: Int, _ below: TrafficShare?,
        _ above: TrafficShare?
    ) {
        #expect(below.map(\.basisPoints) ?? 0 < basisPoints)
        #expect(above.map(\.basisPoints) ?? 10_000 > basisPoints)
        for times in 1...max(10_000 / unit, 1) {
            let weight = times * unit
            let most = (10_000 - weight) / part
            guard most >= 1 else { break }
            let exact = weight * (10_000 - basisPoints) / (basisPoints * part)
            for other in [exact, exact + 1] where (1...most).contains(other) {
                let total = weight + other * part
                if abs(weight * 10_000 - basisPoints * total) <= 5 * total {
                    Issue.record("\(part):\(unit): \(basisPoints) is \(weight)/\(total)")
                    return
                }
            }
        }
    }

    @Test func `on a sum of 1000 the canary's weight is the nearest one below`() throws {
        for basisPoints in 1...9_999 {
            let targets = try World.targets(.stable, [1_000]) + World.targets(.canary, [0])
            let plan = try plannedWeights(for: World.share(basisPoints), among: targets)
            guard World.weights(plan, .stable, targets) == [1_000] else { continue }
            let canary = World.weights(plan, .canary, targets)
            let exact = basisPoints * 1_000 / (10_000 - basisPoints)
            var wanted = min(exact, 65_535)
            while wanted > 0 {
                let tried = try World.targets(.canary, [wanted])
                if World.wheel(try World.targets(.stable, [1_000]) + tried) <= 10_000 { break }
                wanted -= 1
            }
            if canary != [wanted] { Issue.record("\(basisPoints): \(canary) for \(wanted)") }
        }
    }
}
