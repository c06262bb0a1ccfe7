import JSONText
public import Rollouts

extension StoredRollout {
    /// Reads many stored rollouts. Most are judged just as the one before, letter by letter: what
    /// that says is read once, and kept once.
    public struct Reader: Sendable {
        private var analysis = RepeatedMember("analysis")
        /// What the repeated text says.
        private var policy = AnalysisPolicy.off

        public init() {}

        public mutating func read(_ bytes: [UInt8]) throws(StoredFault) -> Rollout {
            var analysis = analysis
            let value: JSONValue
            do { value = try JSONValue(parsing: bytes, repeating: &analysis) } catch {
                throw StoredFault(.root, "JSON: \(error)")
            }
            let rollout = try StoredRollout.rollout(
                from: value, judged: analysis.isRepeated ? policy : .off)
            (self.analysis, policy) = (analysis, rollout.plan.analysis)
            return rollout
        }
    }

    /// - Parameter policy: how it is judged where the document does not say.
    private static func rollout(
        from value: JSONValue, judged policy: AnalysisPolicy
    ) throws(StoredFault) -> Rollout {
        let members = try StoredMembers(value, at: .root)
        let plan = try plan(members.object["plan"] ?? .null, judged: policy)
        let phase = try StoredPhase.read(try members.members("phase"))
        if case .planned(let index) = phase.position, !(0..<plan.steps.count).contains(index) {
            throw StoredFault(.root.appending("phase"), "a step of the plan, not \(index)")
        }
        var footing: Footing?
        if let found = try members.optionalMembers("footing") {
            footing = try StoredFooting.read(found)
        }
        return Rollout(
            plan: plan, revision: try members.whole("revision"),
            epoch: try members.whole("epoch"), createdAt: try members.moment("created_at"),
            updatedAt: try members.moment("updated_at"), phase: phase,
            phaseSince: try members.moment("phase_since"), footing: footing,
            drainedAt: try members.optionalMoment("drained_at"),
            telemetrySecret: try members.optionalText("telemetry_secret"))
    }

    /// The plan was checked when it was asked for; what was configured then need not be any more.
    private static func plan(
        _ value: JSONValue, judged policy: AnalysisPolicy
    ) throws(StoredFault) -> RolloutPlan {
        guard let steps = Steps([Step(share: .all)]), let drain = TimeSpan(seconds: 0) else {
            throw StoredFault(.root, "defaults")
        }
        let defaults = PlanDefaults(
            steps: steps, drain: drain, progressDeadline: nil, gateways: [],
            defaultGateway: "default", analysis: policy, analysisAvailable: true,
            prometheusServers: nil)
        do {
            return try PlanReader.read(value, defaults: defaults)
        } catch {
            let first = error.all.first
            let pointer = JSONPointer([.name("plan")] + (first?.pointer.tokens ?? []))
            throw StoredFault(pointer, first?.detail ?? "a plan")
        }
    }
}
