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
        var reader = Reader()
        return try reader.read(bytes)
    }
}
