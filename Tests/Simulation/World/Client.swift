import Rollouts

/// Somebody who asks for changes and asks again, with the same key, until there is an answer.
///
/// `@unchecked Sendable`: only one thread runs at any moment.
final class Client: @unchecked Sendable {
    private let world: World
    private let number: Int
    private var count = 0
    /// What was just promoted, and is regretted.
    private var regret: RolloutName?

    init(_ number: Int, in world: World) {
        self.number = number
        self.world = world
    }

    /// Goes on asking for this and that until the world is calm.
    func live() {
        // Some follow each other so fast that one meets the other on its way.
        let isQuick = regret != nil || world.dice.happens(3_000)
        let pause = world.dice.time(
            .milliseconds(1), isQuick ? .milliseconds(40) : .seconds(4))
        world.scheduler.after(pause) { [self] in
            guard world.scheduler.now < world.plan.calmAt else { return }
            ask(whim()) { [self] _ in live() }
        }
    }

    func request(_ name: RolloutName, _ action: Request.Action) -> Request {
        count += 1
        return Request(name: name, key: "client\(number)-\(count)", action: action)
    }

    private func whim() -> Request {
        if let name = regret {
            regret = nil
            return request(name, .perform(.abort(cause)))
        }
        let plan = world.dice.pick(world.plan.rollouts)
        guard world.laws.charges[plan.name] != nil || world.dice.happens(1_000) else {
            return request(plan.name, .create(plan))
        }
        switch world.dice.roll(20) {
        case 0...6: return request(plan.name, .perform(.step(.next)))
        case 7:
            return request(
                plan.name, .perform(.step(.index(world.dice.roll(plan.steps.count)))))
        case 8:
            let share = TrafficShare(basisPoints: world.dice.roll(1...10_000))!
            return request(plan.name, .perform(.step(.share(share))))
        case 9, 10:
            if world.dice.happens(4_000) { regret = plan.name }
            return request(plan.name, .perform(.promote))
        case 11, 12: return request(plan.name, .perform(.abort(cause)))
        case 13: return request(plan.name, .perform(.pause(cause)))
        case 14, 15: return request(plan.name, .perform(.resume))
        case 16: return request(plan.name, .amend(Amendment(labels: ["n": "\(count)"])))
        case 17: return request(plan.name, .forget)
        default: return request(plan.name, .create(plan))
        }
    }

    private var cause: Cause {
        Cause(by: "client", reason: .requested, message: "", at: world.timestamp)
    }

    func ask(_ request: Request, attempts: Int = 25, _ done: @escaping @Sendable (Bool) -> Void) {
        guard attempts > 0 else { return done(false) }
        let flight = Flight()
        let again: @Sendable () -> Void = { [self] in
            let pause = world.dice.time(.milliseconds(20), .milliseconds(900))
            world.scheduler.after(pause) { [self] in
                ask(request, attempts: attempts - 1, done)
            }
        }
        guard let process = world.process, let desk = process.desk else { return again() }
        let isKnown = world.laws.charges[request.name] != nil
        let isDiskWell = world.isDiskWell
        let limit = world.scheduler.after(.seconds(4)) { [self] in
            guard flight.isOpen else { return }
            flight.isOpen = false
            if request.isAbort, !flight.wasAnswered, isKnown, isDiskWell, world.isDiskWell,
                process.isAlive
            {
                world.tally.accuse("abort: not answered within 4 s")
            }
            again()
        }
        world.tally.note("\(request.key) \(request.name) \(request.action.word)")
        flight.task = Task { [self] in
            let reply = await desk.handle(request)
            guard process.isAlive, flight.isOpen else { return }
            if let losesPower = world.crashesBeforeReply {
                world.crashesBeforeReply = nil
                world.scheduler.after(.zero) { [self] in world.crash(losesPower: losesPower) }
                return
            }
            flight.wasAnswered = true
            if world.dice.happens(world.isCalm ? 0 : world.plan.lostReplies) {
                world.tally.count("client: reply lost")
                return
            }
            flight.isOpen = false
            limit.cancel()
            world.tally.note("\(request.key) \(reply.word)")
            check(reply, to: request)
            if case .unavailable = reply { again() } else { done(true) }
        }
    }

    private func check(_ reply: Reply, to request: Request) {
        switch reply {
        case .done(changed: true):
            if !world.laws.hasBeenDone(request.key) {
                world.tally.accuse("durability: \(request.key) was answered before it was saved")
            }
        case .done, .unavailable: break
        case .refused(let error):
            guard request.isAbort else { return }
            switch error {
            case .refused(_, let state) where state.rollout.phase.isEnded: break
            case .notFound where world.laws.charges[request.name] == nil: break
            default: world.tally.accuse("abort: refused: \(error)")
            }
        }
    }
}

extension Request.Action {
    /// Short, and the same for the same seed.
    fileprivate var word: String {
        switch self {
        case .create: "create"
        case .perform(.step(let target)): "step \(target)"
        case .perform(.promote): "promote"
        case .perform(.abort): "abort"
        case .perform(.pause): "pause"
        case .perform(.resume): "resume"
        case .amend: "amend"
        case .forget: "forget"
        }
    }
}

extension Reply {
    /// Short, and the same for the same seed.
    fileprivate var word: String {
        switch self {
        case .done(let changed): "done \(changed.map { "\($0)" } ?? "before")"
        case .unavailable: "unavailable"
        case .refused(let error):
            switch error {
            case .notFound: "not found"
            case .nameTaken: "name taken"
            case .held: "held"
            case .needsAdoption: "needs adoption"
            case .invalid: "invalid"
            case .refused(let refusal, _): "refused \(refusal)"
            case .stale: "stale"
            case .notForgettable: "not forgettable"
            case .notAmendable: "not amendable"
            case .unavailable: "unavailable"
            }
        }
    }
}

/// One request on its way.
///
/// `@unchecked Sendable`: only one thread runs at any moment.
private final class Flight: @unchecked Sendable {
    var isOpen = true
    /// Answered, though the reply was lost.
    var wasAnswered = false
    var task: Task<Void, Never>?
}
