import HTTPMessage
import HTTPTypes
import JSONText
import RolloutJSON
import Rollouts

/// Numbers that somebody measured of both versions: accuracy, cost.
extension RolloutService {
    func measure(_ name: RolloutName, _ call: Call) async throws(Problem) -> Response {
        _ = try call.query()
        try call.actor.require(.operator, for: "pushing measurements")
        return try await once(call, name) { change async throws(Problem) in
            let body = try JSONBody.read(call.request)
            let state = try existing(name)
            let rollout = state.rollout
            if rollout.phase.isEnded { throw refused(.ended, state) }
            guard rollout.plan.analysis.isEnabled else { throw refused(.notJudged, state) }
            let measurements = try readMeasurements(body, of: rollout.plan)
            let terms = change.terms(
                name, reason: nil, revisions: call.revisions, status: .accepted)
            do throws(CommandError) {
                let receipt = try await conductor.measured(measurements, of: name, terms)
                return represented(receipt.state, status: .accepted)
            } catch {
                throw Problem(error, name: name, at: now())
            }
        }
    }

    private func readMeasurements(
        _ body: JSONValue, of plan: RolloutPlan
    ) throws(Problem) -> [Measurement] {
        do { return try MeasurementsReader.read(body, of: plan) } catch {
            throw .invalid(error)
        }
    }

    private func refused(_ refusal: Refusal, _ state: RolloutState) -> Problem {
        Problem(.refused(refusal, state), name: state.rollout.name, at: now())
    }
}
