/// Why a PATCH is not possible now, or any more.
public struct AmendmentFault: Error, Hashable, Sendable {
    /// A JSON pointer: `/steps/0/percent`.
    public let pointer: String
    public let detail: String

    public init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}

extension Rollout {
    /// This rollout with `amendment` in its plan; equal to this one when nothing differs.
    ///
    /// Revision and times stay: they belong to who saves it. While a rollout is leaving, or has
    /// ended, only labels change. The steps that lie behind stay as they were, and so does the
    /// share of the present one; its hold may change.
    public func amended(by amendment: Amendment) throws(AmendmentFault) -> Rollout {
        var next = self
        if let labels = amendment.labels { next.plan.labels = labels }
        if let adopt = amendment.adopt, adopt != plan.adopt {
            try requireAmendable("/adopt")
            next.plan.adopt = adopt
        }
        if let deadline = amendment.progressDeadline, deadline != plan.progressDeadline {
            try requireAmendable("/progress_deadline")
            next.plan.progressDeadline = deadline
        }
        if let analysis = amendment.analysis, analysis != plan.analysis {
            try requireAmendable("/analysis")
            next.plan.analysis = analysis
        }
        if let steps = amendment.steps, steps != plan.steps {
            try requireAmendable("/steps")
            try requirePast(of: steps)
            next.plan.steps = steps
        }
        return next
    }

    private func requireAmendable(_ pointer: String) throws(AmendmentFault) {
        switch phase {
        case .pending, .shifting, .holding, .paused: return
        case .promoting, .promoted, .aborting, .aborted:
            throw AmendmentFault(
                pointer: pointer,
                detail: "cannot be changed in \(phase.name.rawValue); only labels can")
        }
    }

    private func requirePast(of steps: Steps) throws(AmendmentFault) {
        guard let present = phase.position?.index(in: plan.steps) else { return }
        guard steps.count > present else {
            throw AmendmentFault(
                pointer: "/steps",
                detail: "must keep steps 0 to \(present), which lie behind or are under way")
        }
        for index in 0..<present where steps[index] != plan.steps[index] {
            throw AmendmentFault(
                pointer: "/steps/\(index)",
                detail: "lies behind and must stay as it was: \(plan.steps[index].share) %")
        }
        guard steps[present].share == plan.steps[present].share else {
            throw AmendmentFault(
                pointer: "/steps/\(present)/percent",
                detail: "is under way and must stay \(plan.steps[present].share); "
                    + "only its hold may change. Use `step` to set another share")
        }
    }
}
