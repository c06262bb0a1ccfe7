import Gateway
import Rollouts

/// A seed played out: the service, its disk, its Kong, its clients, and the laws.
///
/// `@unchecked Sendable`: only one thread runs at any moment.
public final class World: @unchecked Sendable {
    public let plan: WorldPlan
    let scheduler: Scheduler
    public let tally: Tally
    let disk: SimulatedDisk
    let kong: SimulatedKong
    let laws: Laws
    var dice: Dice
    private(set) var process: ServiceProcess?
    private var lives = 0
    /// Set: the service dies before the next reply, with its power or without.
    var crashesBeforeReply: Bool?
    /// By how much the wall clock is wrong.
    var clockError = Duration.zero
    /// Somebody took a target away, so that only an abort is sure to end.
    var hasDeleted = false
    /// Milliseconds since 1970 at which the world begins.
    private static let birth: Int64 = 1_800_000_000_000

    public init(_ plan: WorldPlan, listener: ((String) -> Void)? = nil) {
        self.plan = plan
        dice = Dice(plan.seed &+ 1)
        scheduler = Scheduler(seed: plan.seed)
        tally = Tally(scheduler)
        tally.listener = listener
        disk = SimulatedDisk(scheduler, tally, dice: Dice(plan.seed &+ 2))
        disk.forgetsDirectories = plan.bug == .directoryNotSynced
        kong = SimulatedKong(
            scheduler, tally, dice: Dice(plan.seed &+ 3), nodes: plan.nodes, workers: plan.workers)
        laws = Laws(kong, tally, scheduler)
        laws.onAbort = { [unowned self] name in watchAbort(of: name) }
        kong.furnish(plan.furnish)
        kong.rates.stuck = plan.stuck
    }

    var timestamp: Timestamp {
        let time = scheduler.now + clockError
        return Timestamp(milliseconds: Self.birth + Int64(time / .milliseconds(1)))
    }

    var compactAfter: Int { plan.compactAfter }
    var isCalm: Bool { scheduler.now >= plan.calmAt }
    var isDiskWell: Bool {
        disk.rates.error == 0 && disk.rates.failedSync == 0 && disk.rates.slow == 0
            && disk.capacity == nil
    }

    func gatewayClock(for process: ServiceProcess) -> GatewayClock {
        GatewayClock(
            now: { [scheduler] in scheduler.now },
            sleep: { [scheduler] in await scheduler.sleep($0, of: process.number) },
            timestamp: { [self] in timestamp },
            random: { [self] in dice.fraction() })
    }

    func nodes(for process: ServiceProcess) -> [any KongNode] {
        kong.nodes.indices.map { index in
            let node = SimulatedNode(kong: kong, index: index, process: process) {
                [laws] write, sentAt, isDone in
                if isDone {
                    laws.didWrite(write, sentAt: sentAt)
                } else {
                    laws.willWrite(write, sentAt: sentAt)
                }
            }
            let haste: HastyNode.Haste
            switch plan.bug {
            case .stableFirst: haste = .stable
            case .serviceFirst: haste = .service
            case .raisedBeforeSwitch: haste = .canary
            case .saveAfterAct, .directoryNotSynced, .abortOvertaken, .keyForgotten, .earlyHold,
                nil:
                return node
            }
            return HastyNode(node, kong, laws, haste)
        }
    }

    func planted(_ ledger: ObservedLedger, in process: ServiceProcess) -> any RolloutLedger {
        switch plan.bug {
        case .saveAfterAct: HastyLedger(ledger)
        case .keyForgotten: ForgetfulLedger(base: ledger)
        case .directoryNotSynced, .stableFirst, .serviceFirst, .raisedBeforeSwitch,
            .abortOvertaken, .earlyHold, nil:
            ledger
        }
    }

    // MARK: The service's lives

    func start() {
        lives += 1
        let process = ServiceProcess(lives, scheduler, tally)
        self.process = process
        for node in kong.nodes.indices { kong.nodes[node].silentSince = nil }
        process.start(in: self) { [self] error in
            tally.note("process \(process.number) did not start: \(error)")
            scheduler.after(.zero) { [self] in
                if self.process === process { crash(losesPower: false) }
            }
        }
    }

    func crash(losesPower: Bool) {
        guard let process, process.isAlive else { return }
        tally.count(losesPower ? "service: power lost" : "service: killed")
        process.kill()
        disk.release(process.number)
        if losesPower { disk.losePower() }
        self.process = nil
        scheduler.after(dice.time(.milliseconds(50), .seconds(2))) { [self] in start() }
    }

    // MARK: The run

    public func run() {
        start()
        if let crash = plan.crash {
            disk.trap = (crash.call, { [weak self] in
                self?.crash(losesPower: crash.losesPower)
            })
        }
        for (at, incident) in plan.incidents {
            scheduler.at(at) { [self] in strike(incident) }
        }
        for number in 0..<plan.clients { Client(number, in: self).live() }
        scheduler.run(until: plan.calmAt)
        disk.trap = nil
        kong.trap = nil
        kong.rates.stuck = 0
        crashesBeforeReply = nil
        scheduler.run(until: scheduler.now + .seconds(45))
        checkCalm()
        finish()
    }

    /// The failures are over: everything has to come to its end.
    private func finish() {
        let client = Client(99, in: self)
        for name in laws.charges.keys.sorted() {
            guard let rollout = laws.charges[name]?.rollout, !rollout.phase.isEnded else {
                continue
            }
            let cause = Cause(by: "client", reason: .requested, message: "", at: timestamp)
            // A promotion may need a person's consent; an abort needs nobody's.
            let mayPromote =
                !hasDeleted && rollout.phase.name != .aborting && rollout.footing != nil
                && rollout.phase.posture == .full && dice.happens(5_000)
            let command = mayPromote ? Event.Command.promote : .abort(cause)
            client.ask(client.request(name, .perform(command))) { [self] isAnswered in
                if !isAnswered { tally.accuse("convergence: \(name) is not answered") }
                guard !mayPromote else { return }
                scheduler.after(.seconds(3)) { [self] in checkAborted(name) }
            }
        }
        let end = scheduler.now + .seconds(240)
        scheduler.run(until: end) { [laws] in laws.charges.values.allSatisfy(\.rollout.isDrained) }
        // What the last confirmation and the last poll left.
        scheduler.run(until: scheduler.now + .seconds(8))
        for name in laws.charges.keys.sorted() { checkEnd(of: name) }
        checkBystander()
        process?.kill()
    }
}
