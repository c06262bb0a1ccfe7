import Rollouts

/// What a client asks, under a key of its own.
struct Request: Sendable {
    enum Action: Sendable {
        case create(RolloutPlan)
        case perform(Event.Command)
        case amend(Amendment)
        case forget
    }

    let name: RolloutName
    let key: String
    let action: Action

    var isAbort: Bool {
        if case .perform(.abort) = action { true } else { false }
    }
}

enum Reply: Sendable {
    /// Durable; `changed` is nil when the first request had done it.
    case done(changed: Bool?)
    case refused(CommandError)
    /// Nothing was saved, as far as the service knows: again, with the same key.
    case unavailable
}

/// Where requests come in: a repeated one does nothing twice, also after a restart.
///
/// It does what the interface's `Idempotency-Key` does, at the conductor's seam.
/// `@unchecked Sendable`: only one thread runs at any moment.
final class FrontDesk: @unchecked Sendable {
    private enum Entry { case waiting, done }

    private let engine: any Conductor
    private let now: () -> Timestamp
    private var entries: [String: Entry] = [:]

    init(_ engine: any Conductor, at now: @escaping () -> Timestamp) {
        self.engine = engine
        self.now = now
        for answer in engine.keptAnswers() { entries[answer.key] = .done }
    }

    func handle(_ request: Request) async -> Reply {
        switch entries[request.key] {
        case .waiting: return .unavailable
        case .done: return .done(changed: nil)
        case nil: entries[request.key] = .waiting
        }
        let answer = KeptAnswer(
            key: request.key, json: Array(#"{"status":200}"#.utf8),
            expires: now().advanced(byMilliseconds: 86_400_000))
        let terms = CommandTerms(
            actor: "client", reason: request.key, revisions: nil, answer: answer)
        do throws(CommandError) {
            let changed = try await perform(request, terms)
            entries[request.key] = .done
            await engine.keep(answer)
            return .done(changed: changed)
        } catch {
            entries[request.key] = nil
            if case .unavailable = error { return .unavailable }
            return .refused(error)
        }
    }

    private func perform(
        _ request: Request, _ terms: CommandTerms
    ) async throws(CommandError) -> Bool {
        switch request.action {
        case .create(let plan): return try await engine.create(plan, terms).changed
        case .perform(let command):
            return try await engine.perform(command, on: request.name, terms).changed
        case .amend(let amendment):
            return try await engine.amend(request.name, amendment, terms).changed
        case .forget:
            try await engine.forget(request.name, abandon: false, terms)
            return true
        }
    }
}
