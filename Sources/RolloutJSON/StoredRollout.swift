import JSONText
public import Rollouts

/// A rollout as the ledger keeps it: the plan as it was asked for, and where it stands.
public enum StoredRollout {
    /// The parts that seldom change, kept from one writing to the next.
    public struct Parts: Sendable {
        var plan: Written<Boxed<RolloutPlan>>?
        var footing: Written<Boxed<Footing?>>?

        public init() {}
    }

    /// One JSON object in one line.
    public static func bytes(of rollout: Rollout) -> [UInt8] {
        var parts = Parts()
        return bytes(of: rollout, keeping: &parts)
    }

    /// One JSON object in one line.
    ///
    /// - Parameter parts: Of the same rollout's last writing; of this one afterwards.
    public static func bytes(of rollout: Rollout, keeping parts: inout Parts) -> [UInt8] {
        var writer = JSONWriter(capacity: 4000)
        writer.beginObject()
        writer.key("plan")
        Written.put(rollout.$plan, again: &parts.plan, into: &writer) { writer in
            writer.beginObject()
            PlanWriter.write(rollout.plan, nil, into: &writer)
            writer.endObject()
        }
        writer.key("revision")
        writer.value(rollout.revision)
        writer.key("epoch")
        writer.value(rollout.epoch)
        writer.key("created_at")
        writer.value(rollout.createdAt)
        writer.key("updated_at")
        writer.value(rollout.updatedAt)
        writer.key("phase")
        StoredPhase.write(rollout.phase, into: &writer)
        writer.key("phase_since")
        writer.value(rollout.phaseSince)
        writer.key("footing")
        Written.put(rollout.$footing, again: &parts.footing, into: &writer) { writer in
            if let footing = rollout.footing {
                StoredFooting.write(footing, into: &writer)
            } else {
                writer.null()
            }
        }
        writer.key("drained_at")
        writer.value(rollout.drainedAt)
        if let secret = rollout.telemetrySecret {
            writer.key("telemetry_secret")
            writer.value(secret)
        }
        writer.endObject()
        return writer.bytes
    }

    public static func read(_ bytes: [UInt8]) throws(StoredFault) -> Rollout {
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch {
            throw StoredFault(.root, "JSON: \(error)")
        }
        let members = try StoredMembers(value, at: .root)
        let plan = try plan(members.object["plan"] ?? .null)
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
    private static func plan(_ value: JSONValue) throws(StoredFault) -> RolloutPlan {
        guard let steps = Steps([Step(share: .all)]), let drain = TimeSpan(seconds: 0) else {
            throw StoredFault(.root, "defaults")
        }
        let defaults = PlanDefaults(
            steps: steps, drain: drain, progressDeadline: nil, gateways: [],
            defaultGateway: "default", analysis: .off, analysisAvailable: true,
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
