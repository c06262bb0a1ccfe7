import JSONText
public import Rollouts

/// Writes a rollout as the interface shows it: what was asked for and what the service adds.
public enum ResourceWriter {
    /// The part that seldom changes, kept from one writing to the next.
    public struct Parts: Sendable {
        struct Plan: Equatable {
            let plan: Boxed<RolloutPlan>
            let footing: Boxed<Footing?>
        }

        var plan: Written<Plan>?

        public init() {}
    }

    /// One JSON object in one line.
    ///
    /// - Parameter now: decides whether a hold's time is still waited for.
    public static func bytes(of state: RolloutState, at now: Timestamp) -> [UInt8] {
        var parts = Parts()
        return bytes(of: state, at: now, keeping: &parts)
    }

    /// One JSON object in one line.
    ///
    /// - Parameters:
    ///   - now: decides whether a hold's time is still waited for.
    ///   - parts: of the same rollout's last writing; of this one afterwards.
    public static func bytes(
        of state: RolloutState, at now: Timestamp, keeping parts: inout Parts
    ) -> [UInt8] {
        let rollout = state.rollout
        var writer = JSONWriter(capacity: 3000)
        writer.beginObject()
        let plan = Parts.Plan(plan: rollout.$plan, footing: rollout.$footing)
        Written.put(plan, again: &parts.plan, into: &writer) { writer in
            PlanWriter.write(rollout.plan, rollout.footing, into: &writer)
        }
        writer.key("revision")
        writer.value(rollout.revision)
        writer.key("created_at")
        writer.value(rollout.createdAt)
        writer.key("updated_at")
        writer.value(rollout.updatedAt)
        writer.key("phase")
        writer.value(rollout.phase.name.rawValue)
        writer.key("url")
        writer.value(rollout.footing?.url)
        step(state, at: now, into: &writer)
        traffic(state, into: &writer)
        targets(state.view, into: &writer)
        conditions(state.view, into: &writer)
        writer.key("cause")
        writer.value(rollout.phase.cause)
        writer.key("actions")
        writer.beginArray()
        for verb in rollout.actions(at: now) { writer.value(verb.rawValue) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func step(
        _ state: RolloutState, at now: Timestamp, into writer: inout JSONWriter
    ) {
        let rollout = state.rollout
        let position = rollout.phase.position
        writer.key("step")
        writer.beginObject()
        writer.key("index")
        writer.value(position?.index(in: rollout.plan.steps))
        writer.key("count")
        writer.value(rollout.plan.steps.count)
        writer.key("percent")
        if let share = position?.share(in: rollout.plan.steps) {
            writer.plain(share)
        } else {
            writer.null()
        }
        writer.key("since")
        writer.value(rollout.phaseSince)
        writer.key("waiting_for")
        writer.beginArray()
        // A gateway that was not seen yet is waited for like one that does not answer.
        let waiting = rollout.waitingFor(
            at: now, isReachable: state.view.isReachable == true, traffic: state.traffic)
        for one in waiting { writer.value(one.rawValue) }
        writer.endArray()
        writer.endObject()
    }

    private static func traffic(_ state: RolloutState, into writer: inout JSONWriter) {
        writer.key("traffic")
        writer.beginObject()
        writer.key("asked_percent")
        writer.measured(state.rollout.wantedShare)
        writer.key("applied_percent")
        writer.measured(state.view.applied)
        writer.key("confirmed_at")
        writer.value(state.view.confirmedAt)
        writer.key("observed")
        writer.value(state.traffic?.observed)
        writer.endObject()
    }

    private static func targets(_ view: GatewayView, into writer: inout JSONWriter) {
        writer.key("targets")
        writer.beginArray()
        for target in view.targets {
            writer.beginObject()
            writer.key("target")
            writer.value(target.address)
            writer.key("version")
            writer.value(target.version)
            writer.key("weight")
            writer.value(target.weight)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func conditions(_ view: GatewayView, into writer: inout JSONWriter) {
        writer.key("conditions")
        writer.beginArray()
        for condition in view.conditions {
            writer.beginObject()
            writer.key("type")
            writer.value(condition.kind.rawValue)
            writer.key("status")
            writer.value(condition.status.rawValue)
            writer.key("reason")
            writer.value(condition.reason)
            writer.key("message")
            writer.value(condition.message)
            writer.key("since")
            writer.value(condition.since)
            writer.endObject()
        }
        writer.endArray()
    }
}
