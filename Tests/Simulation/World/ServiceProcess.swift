import Engine
import Gateway
import Ledger
import Rollouts

/// One life of the service: the real engine, gateway and ledger, from start to crash.
///
/// `@unchecked Sendable`: only one thread runs at any moment.
final class ServiceProcess: @unchecked Sendable {
    let number: Int
    private(set) var isAlive = true
    private(set) var engine: RolloutEngine?
    private(set) var desk: FrontDesk?
    private let scheduler: Scheduler
    private let tally: Tally
    private var ledger: ObservedLedger?
    private var session: DiskSession?
    private var tasks: [Task<Void, Never>] = []

    init(_ number: Int, _ scheduler: Scheduler, _ tally: Tally) {
        self.number = number
        self.scheduler = scheduler
        self.tally = tally
    }

    /// Starts what `world` describes; `failed` is told when it does not come up.
    func start(in world: World, failed: @escaping @Sendable (StartError) -> Void) {
        let session = DiskSession(world.disk, owner: number)
        self.session = session
        let ledger = ObservedLedger(
            JSONLedger(
                directory: "data", program: "simulation", now: world.timestamp,
                compactAfter: world.compactAfter, reserve: 4_096, disk: session,
                threads: FiberThreads(scheduler: scheduler, owner: number),
                note: { [tally] note in tally.note("ledger: \(note)") }),
            world.laws, self, scheduler)
        self.ledger = ledger
        let fleet = GatewayFleet(
            [GatewayConfiguration(name: "default", nodes: world.nodes(for: self))],
            clock: world.gatewayClock(for: self))
        let port = world.planted(ledger, in: self)
        tasks.append(
            Task { [self] in
                do throws(StartError) {
                    let engine = try await RolloutEngine(
                        ledger: port, gateways: fleet, now: { world.timestamp },
                        sleep: { [scheduler, number] in await scheduler.sleep($0, of: number) },
                        notice: { _ in })
                    begin(engine, fleet, world)
                } catch {
                    failed(error)
                }
            })
    }

    private func begin(_ engine: RolloutEngine, _ fleet: GatewayFleet, _ world: World) {
        guard isAlive else { return }
        self.engine = engine
        desk = FrontDesk(engine, at: { world.timestamp })
        let tap = SourceTap(engine, self, bug: world.plan.bug)
        tasks.append(Task { await engine.run() })
        tasks.append(Task { await fleet.run(reporting: tap) })
        tally.note("process \(number) is up")
    }

    /// Ends it between two instructions: what is on the wire and on the disk's way stays there.
    func kill() {
        guard isAlive else { return }
        isAlive = false
        session?.isDead = true
        for task in tasks { task.cancel() }
        let ledger = ledger
        _ = Task { await ledger?.close() }
        scheduler.bury(number)
        engine = nil
        desk = nil
        tasks = []
    }
}

/// What the gateway asks the engine, with nothing from the dead.
struct SourceTap: RolloutSource {
    private let engine: RolloutEngine
    private let process: ServiceProcess
    private let bug: PlantedBug?
    private let stale: StaleReading

    init(_ engine: RolloutEngine, _ process: ServiceProcess, bug: PlantedBug?) {
        self.engine = engine
        self.process = process
        self.bug = bug
        stale = StaleReading()
    }

    func saved(_ name: RolloutName) async -> Rollout? {
        guard process.isAlive else { return nil }
        let rollout = await engine.saved(name)
        guard process.isAlive else { return nil }
        return bug == .abortOvertaken ? stale.read(rollout) : rollout
    }

    func others(
        on gateway: String, upstream: String, than name: RolloutName
    ) async -> [Rollout] {
        guard process.isAlive else { return [] }
        return await engine.others(on: gateway, upstream: upstream, than: name)
    }

    func took(_ report: GatewayReport) async -> Rollout? {
        guard process.isAlive else { return nil }
        var report = report
        if bug == .earlyHold, case .looked = report.finding,
            let rollout = await engine.saved(report.rollout), rollout.phase.name == .shifting,
            report.view.applied == rollout.wantedShare, let footing = rollout.footing
        {
            report = GatewayReport(
                rollout: report.rollout, epoch: report.epoch,
                finding: .confirmed(rollout.wantedShare, footing), view: report.view)
        }
        let after = await engine.took(report)
        guard process.isAlive else { return nil }
        return bug == .abortOvertaken ? stale.read(after) : after
    }
}

/// Planted: a promotion that was read is believed for a while after it was aborted.
///
/// `@unchecked Sendable`: only one thread runs at any moment.
final class StaleReading: @unchecked Sendable {
    private var promoting: [RolloutName: (rollout: Rollout, uses: Int)] = [:]

    func read(_ rollout: Rollout?) -> Rollout? {
        guard let rollout else { return nil }
        switch rollout.phase.name {
        case .promoting:
            promoting[rollout.name] = (rollout, 12)
        case .aborting:
            guard let known = promoting[rollout.name], known.uses > 0 else { return rollout }
            promoting[rollout.name] = (known.rollout, known.uses - 1)
            return known.rollout
        case .pending, .shifting, .holding, .paused, .promoted, .aborted:
            promoting[rollout.name] = nil
        }
        return rollout
    }
}
