import HTTPMessage
import HTTPTypes
import JSONText
import RolloutJSON
import Rollouts

/// Create, amend and forget.
extension RolloutService {
    func create(_ call: Call) async throws(Problem) -> Response {
        let isDryRun = try call.query(single: ["dry_run"]).flag("dry_run")
        if !isDryRun { try call.actor.require(.operator, for: "creating rollouts") }
        guard conductor.isReady else { throw .notReady }
        return try await once(call, nil) { change async throws(Problem) in
            let plan = try readPlan(call)
            if isDryRun { return try await survey(plan) }
            if plan.adopt { try call.actor.require(.admin, for: "`adopt`") }
            let preference = Preference(call.request.headers.values(of: .prefer))
            let receipt: Receipt
            do throws(CommandError) {
                receipt = try await conductor.create(
                    plan,
                    change.terms(plan.name, reason: nil, revisions: nil, status: .created))
            } catch {
                throw Problem(error, name: plan.name, at: now())
            }
            let outcome = Outcome.firstShare
            let state = await settled(receipt.state, outcome, preference)
            var response = represented(state, status: .created)
            if preference.isAsked {
                response.headers[.preferenceApplied] = "wait=\(preference.seconds)"
            }
            return response
        }
    }

    private func readPlan(_ call: Call) throws(Problem) -> RolloutPlan {
        let value = try JSONBody.read(call.request)
        do {
            return try PlanReader.read(value, defaults: configuration.defaults)
        } catch {
            throw .invalid(error)
        }
    }

    private func survey(_ plan: RolloutPlan) async throws(Problem) -> Response {
        do {
            return planned(try await conductor.survey(plan))
        } catch {
            throw Problem(error, name: plan.name, at: now())
        }
    }

    func amend(_ name: RolloutName, _ call: Call) async throws(Problem) -> Response {
        _ = try call.query()
        try call.actor.require(.operator, for: "changing rollouts")
        return try await once(call, name) { change async throws(Problem) in
            let patch = try JSONBody.read(call.request, isPatch: true)
            return try await amend(name, by: patch, call, change, tries: 100)
        }
    }

    /// A patch is merged into what was read, so that it may be saved over that alone: over
    /// anything newer it would undo what another request was promised. Then it is merged anew.
    private func amend(
        _ name: RolloutName, by patch: JSONValue, _ call: Call, _ change: Change, tries: Int
    ) async throws(Problem) -> Response {
        let state = try existing(name)
        let amendment = try readAmendment(patch, of: state)
        if amendment.adopt == true, !state.rollout.plan.adopt {
            try call.actor.require(.admin, for: "`adopt`")
        }
        let present = state.rollout.revision
        let isMeant = call.revisions?.contains(present) ?? true
        let terms = change.terms(
            name, reason: nil, revisions: isMeant ? [present] : [], status: .ok)
        let failure: CommandError
        do throws(CommandError) {
            let receipt = try await conductor.amend(name, amendment, terms)
            return represented(receipt.state, status: .ok)
        } catch {
            failure = error
        }
        guard case .stale = failure, isMeant, tries > 1 else {
            throw Problem(failure, name: name, at: now())
        }
        return try await amend(name, by: patch, call, change, tries: tries - 1)
    }

    private func readAmendment(
        _ patch: JSONValue, of state: RolloutState
    ) throws(Problem) -> Amendment {
        let current: JSONValue
        do {
            current = try JSONValue(parsing: cache.entry(for: state, at: now()).full.bytes)
        } catch {
            throw Problem(
                .internal, .internalServerError, "Internal error",
                "The rollout could not be written as JSON: \(error).")
        }
        do {
            return try AmendmentReader.read(
                patch, current: current, defaults: configuration.defaults)
        } catch {
            throw .invalid(error)
        }
    }

    func delete(_ name: RolloutName, _ call: Call) async throws(Problem) -> Response {
        let abandon = try call.query(single: ["abandon"]).flag("abandon")
        if abandon {
            try call.actor.require(.admin, for: "`abandon`")
        } else {
            try call.actor.require(.operator, for: "deleting rollouts")
        }
        return try await once(call, name) { change async throws(Problem) in
            let revisions = call.revisions
            _ = try existing(name)
            let terms = change.terms(
                name, reason: nil, revisions: revisions, status: .noContent)
            do throws(CommandError) {
                try await conductor.forget(name, abandon: abandon, terms)
            } catch {
                throw Problem(error, name: name, at: now())
            }
            cache.forget(name)
            return Response(status: .noContent)
        }
    }
}
