import HTTPMessage
import HTTPTypes
import RolloutJSON
import Rollouts

/// `step`, `pause`, `resume`, `promote`, `abort`: durable first, then waited for.
extension RolloutService {
    func perform(
        _ verb: Verb, on name: RolloutName, _ call: Call
    ) async throws(Problem) -> Response {
        _ = try call.query()
        try call.actor.require(.operator, for: "`\(verb.rawValue)`")
        return try await once(call, name) { change async throws(Problem) in
            let body = try readCommand(verb, call)
            let revisions = call.revisions
            let outcome = Outcome(of: verb)
            let terms = change.terms(
                name, reason: body.reason, revisions: revisions,
                status: outcome == nil ? .ok : .accepted)
            let command = command(verb, body, by: call.actor)
            let receipt: Receipt
            do throws(CommandError) {
                receipt = try await conductor.perform(command, on: name, terms)
            } catch {
                throw Problem(error, name: name, at: now())
            }
            guard let outcome else { return represented(receipt.state, status: .ok) }
            let preference = Preference(call.request.headers.values(of: .prefer))
            let phases = outcome.phases(from: receipt.state)
            let state = await settled(receipt.state, outcome, preference)
            let isReached = outcome.isReached(by: state, of: phases)
            var response = represented(state, status: isReached ? .ok : .accepted)
            if preference.isAsked {
                response.headers[.preferenceApplied] = "wait=\(preference.seconds)"
            }
            return response
        }
    }

    private func readCommand(_ verb: Verb, _ call: Call) throws(Problem) -> CommandReader.Body {
        guard !call.request.body.isEmpty else { return .empty }
        let value = try JSONBody.read(call.request)
        do {
            return try CommandReader.read(value, for: verb)
        } catch {
            throw .invalid(error)
        }
    }

    private func command(
        _ verb: Verb, _ body: CommandReader.Body, by actor: Actor
    ) -> Event.Command {
        func cause(_ sentence: String) -> Cause {
            Cause(
                by: actor.name, reason: .requested, message: body.reason ?? sentence, at: now())
        }
        return switch verb {
        case .step: .step(body.target)
        case .promote: .promote
        case .resume: .resume
        case .pause: .pause(cause("Paused by \(actor.name)."))
        case .abort: .abort(cause("Aborted by \(actor.name)."))
        }
    }
}
