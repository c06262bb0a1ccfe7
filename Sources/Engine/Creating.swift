public import Rollouts

extension RolloutEngine {
    public func survey(_ plan: RolloutPlan) async throws(CommandError) -> [PlannedCall] {
        guard board[plan.name] == nil else { throw .nameTaken }
        let survey = await gateways.survey(plan)
        switch survey {
        case .ready(let footing, let calls):
            try refuseHeld(plan, footing)
            return calls
        case .unreachable(let reason):
            throw .unavailable("\(reason); what would be done cannot be said without Kong")
        case .refused(let cause, let footing):
            try refuse(plan, cause, footing)
        case .invalid(let pointer, let detail):
            throw .invalid(pointer: pointer, detail: detail)
        }
    }

    public func create(
        _ plan: RolloutPlan, _ terms: CommandTerms
    ) async throws(CommandError) -> Receipt {
        try await inTurn(plan.name) { () throws(CommandError) -> Receipt in
            guard board[plan.name] == nil else { throw .nameTaken }
            let footing = try await footing(for: plan)
            // No suspension from here to the reservation: two that want the same upstream
            // cannot both pass.
            try refuseHeld(plan, footing)
            holdings.take(Holdings.keys(of: plan, footing), for: plan.name)
            var rollout = Rollout(
                plan: plan, createdAt: now(),
                telemetrySecret: plan.analysis.isEnabled ? newSecret() : nil)
            rollout.footing = footing
            let note = ChangeNote(
                type: .created, actor: terms.actor, reason: terms.reason, answer: terms.answer,
                isCommand: true)
            do throws(LedgerError) {
                let state = try await save(rollout, over: nil, note)
                return Receipt(state: state, changed: true)
            } catch {
                holdings.release(plan.name)
                throw CommandError(notSaved: error)
            }
        }
    }

    /// What the rollout can stand on; nil when Kong cannot be asked now.
    private func footing(for plan: RolloutPlan) async throws(CommandError) -> Footing? {
        switch await gateways.survey(plan) {
        case .ready(let footing, _):
            return footing
        case .unreachable:
            return nil
        case .refused(let cause, let footing):
            try refuse(plan, cause, footing)
        case .invalid(let pointer, let detail):
            throw .invalid(pointer: pointer, detail: detail)
        }
    }

    /// A rollout that holds what is wanted explains what was found better than the differences.
    private func refuse(
        _ plan: RolloutPlan, _ cause: Cause, _ footing: Footing?
    ) throws(CommandError) -> Never {
        try refuseHeld(plan, footing)
        throw .needsAdoption(cause)
    }

    private func refuseHeld(_ plan: RolloutPlan, _ footing: Footing?) throws(CommandError) {
        let keys = Holdings.keys(of: plan, footing)
        if let (holder, key) = holdings.conflict(over: keys, for: plan.name) {
            throw .held(by: holder, entity: "\(key.kind.rawValue)s/\(key.name)")
        }
    }
}
