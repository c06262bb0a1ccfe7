import Gateway
import Rollouts

/// What a seed makes of a world: how large it is, what goes wrong in it, and what is asked.
public struct WorldPlan: Sendable {
    /// How a rollout finds Kong.
    enum Ground: Sendable {
        /// Nothing is there: all is made.
        case bare
        /// Service, upstream and stable targets are there.
        case standing
        /// The service points straight at a host and has to be adopted.
        case direct
    }

    public let seed: UInt64
    public var bug: PlantedBug?
    let nodes: Int
    let workers: Int
    let rollouts: [RolloutPlan]
    let grounds: [Ground]
    let clients: Int
    /// When everything that goes wrong is over.
    let calmAt: Duration
    let incidents: [(at: Duration, incident: Incident)]
    let hasMeddler: Bool
    let compactAfter: Int
    /// Rebuilds of a node that fail, in 10,000, besides incidents.
    let stuck: Int
    /// Replies that get lost on their way to the client, in 10,000.
    let lostReplies: Int

    /// A call to the disk that is the service's last, once.
    var crash: (call: Int, losesPower: Bool)?

    /// A world in which nothing goes wrong but that the service dies in one call to its disk.
    public init(seed: UInt64, crashInCall call: Int, losesPower: Bool) {
        self.init(seed: seed, isGentle: true)
        crash = (call, losesPower)
    }

    public init(seed: UInt64, bug: PlantedBug? = nil) {
        self.init(seed: seed, isGentle: false)
        self.bug = bug
    }

    private init(seed: UInt64, isGentle: Bool) {
        var dice = Dice(seed)
        self.seed = seed
        nodes = dice.roll(1...3)
        workers = dice.roll(1...2)
        clients = dice.roll(1...3)
        compactAfter = dice.pick([1_024, 4_096, 16_384])
        calmAt = isGentle ? .seconds(10) : dice.time(.seconds(15), .seconds(60))
        stuck = isGentle ? 0 : dice.pick([0, 50, 200])
        lostReplies = dice.pick([0, 500, 2_000])
        let count = dice.roll(1...3)
        grounds = (0..<count).map { _ in dice.pick([.bare, .standing, .standing, .direct]) }
        var plans: [RolloutPlan] = []
        for index in 0..<count { plans.append(Self.plan(index, grounds[index], &dice)) }
        // The next version: it stands on what the first one leaves, and takes over its drain.
        if !isGentle, dice.happens(4_000) { plans.append(Self.successor(of: plans[0], &dice)) }
        rollouts = plans
        hasMeddler = !isGentle && dice.happens(2_000)
        let kinds = Self.kinds(&dice, hasMeddler: hasMeddler)
        let intensity = isGentle ? 0 : dice.pick([2, 5, 10, 20, 40])
        var incidents: [(at: Duration, incident: Incident)] = []
        for _ in 0..<intensity {
            let at = dice.time(.milliseconds(200), calmAt)
            let lasts = dice.time(.milliseconds(50), .seconds(dice.pick([1, 5, 40])))
            incidents.append((at, Incident(kind: dice.pick(kinds), lasts: lasts)))
        }
        self.incidents = incidents
    }

    /// A world knows a few kinds of trouble, so that their interplay is not always the same.
    private static func kinds(_ dice: inout Dice, hasMeddler: Bool) -> [Incident.Kind] {
        let all = Incident.Kind.allCases.filter { hasMeddler || !$0.isMeddling }
        return (0..<dice.roll(1...6)).map { _ in dice.pick(all) }
            + (hasMeddler ? [.somebodyRaises] : [])
    }

    private static func plan(_ index: Int, _ ground: Ground, _ dice: inout Dice) -> RolloutPlan {
        let shares = Set((0..<dice.roll(1...4)).map { _ in
            dice.happens(2_000) ? 10_000 : dice.roll(1...99) * 100
        })
        let steps = shares.sorted().map { points in
            Step(share: TrafficShare(basisPoints: points)!, hold: hold(&dice))
        }
        let twins = dice.happens(3_000)
        let canary = ["c\(index):80"] + (twins ? ["cc\(index):80"] : [])
        return RolloutPlan(
            name: RolloutName("r\(index)")!, service: .init(name: "service\(index)"),
            upstream: "upstream\(index)",
            route: .init(name: "route\(index)", paths: ["/predict\(index)"]),
            stableTargets: stable(index, ground).map { TargetAddress($0.0)! },
            canary: Version(label: "v7", targets: canary.map { TargetAddress($0)! }),
            steps: Steps(steps)!, start: dice.happens(2_500) ? .manual : .auto,
            adopt: ground == .direct, drain: TimeSpan(seconds: dice.roll(0...4))!,
            progressDeadline: dice.happens(2_000) ? TimeSpan(seconds: dice.roll(10...40)) : nil)
    }

    private static func successor(of plan: RolloutPlan, _ dice: inout Dice) -> RolloutPlan {
        RolloutPlan(
            name: RolloutName("next")!, service: plan.service, upstream: plan.upstream,
            route: plan.route, stableTargets: plan.canary.targets,
            canary: Version(label: "v8", targets: [TargetAddress("d0:80")!]),
            steps: Steps([
                Step(share: TrafficShare(basisPoints: dice.roll(1...99) * 100)!, hold: hold(&dice))
            ])!, adopt: true, drain: TimeSpan(seconds: dice.roll(0...4))!, progressDeadline: nil)
    }

    private static func hold(_ dice: inout Dice) -> Hold {
        switch dice.roll(4) {
        case 0: Hold()
        case 1, 2: Hold(time: TimeSpan(seconds: dice.roll(1...8)))
        default: .untilApproved
        }
    }

    /// Stable's targets, with the weights they have where they are there already.
    static func stable(_ index: Int, _ ground: Ground) -> [(String, Int)] {
        switch ground {
        case .direct: [("s\(index):80", 100)]
        case .bare, .standing:
            index == 1 ? [("s\(index):80", 70), ("ss\(index):80", 30)] : [("s\(index):80", 100)]
        }
    }

    /// Kong before anything happens, with something that nobody may touch.
    func furnish(_ rows: inout KongRows) {
        furnish(&rows, "bystander", host: "bystander", targets: [("x:80", 60), ("y:80", 40)])
        for (index, ground) in grounds.enumerated() {
            switch ground {
            case .bare: break
            case .standing:
                furnish(
                    &rows, "\(index)", host: "upstream\(index)", targets: Self.stable(index, ground))
            case .direct: furnish(&rows, "\(index)", host: "s\(index)", targets: [])
            }
        }
    }

    private func furnish(
        _ rows: inout KongRows, _ suffix: String, host: String, targets: [(String, Int)]
    ) {
        let service = rows.makeID("service")
        rows.services.append(
            ServiceRow(id: service, name: "service\(suffix)", host: host))
        rows.routes.append(
            RouteRow(
                id: rows.makeID("route"), name: "route\(suffix)", serviceID: service,
                paths: ["/predict\(suffix)"]))
        guard !targets.isEmpty else { return }
        let upstream = rows.makeID("upstream")
        rows.upstreams.append(UpstreamRow(id: upstream, name: host))
        rows.targets[upstream] = targets.map { address, weight in
            TargetRow(id: rows.makeID("target"), address: address, weight: weight)
        }
    }
}
