import HTTPMessage
import HTTPTypes
import Rollouts

/// What the traffic of a rollout shows.
extension RolloutService {
    func analysis(of name: RolloutName, _ call: Call) throws(Problem) -> Response {
        _ = try call.query()
        let state = try existing(name)
        let port = state.rollout.plan.analysis.isEnabled ? configuration.telemetry : nil
        let bytes = AssessmentWriter.bytes(
            of: state, port?.assessment(of: name, at: now()), port?.counts(of: name))
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-cache"],
            body: .bytes(bytes))
    }
}
