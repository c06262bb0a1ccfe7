import JSONText
public import Rollouts

/// Writes an event as the interface shows it, in lists and in streams.
public enum EventWriter {
    /// One JSON object in one line.
    public static func bytes(of event: HistoryEvent) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.key("id")
        writer.value(event.id)
        writeMembers(of: event, into: &writer)
        writer.endObject()
        return writer.bytes
    }

    static func writeMembers(of event: HistoryEvent, into writer: inout JSONWriter) {
        writer.key("at")
        writer.value(event.at)
        writer.key("rollout")
        writer.value(event.rollout.description)
        writer.key("revision")
        writer.value(event.revision)
        writer.key("type")
        writer.value(event.type.rawValue)
        writer.key("from")
        writer.value(event.from?.rawValue)
        writer.key("to")
        writer.value(event.to?.rawValue)
        writer.key("actor")
        writer.value(event.actor)
        writer.key("reason")
        writer.value(event.reason)
        writer.key("data")
        write(event.data, into: &writer)
    }

    private static func write(
        _ details: HistoryEvent.Details, into writer: inout JSONWriter
    ) {
        writer.beginObject()
        if let asked = details.asked {
            writer.key("asked_percent")
            writer.measured(asked)
        }
        if let applied = details.applied {
            writer.key("applied_percent")
            writer.measured(applied)
        }
        if let step = details.step {
            writer.key("step")
            writer.value(step)
        }
        if let cause = details.cause {
            writer.key("cause")
            writer.value(cause)
        }
        if !details.changed.isEmpty {
            writer.key("changed")
            writer.value(details.changed)
        }
        writer.endObject()
    }
}
