public import JSONText
public import Rollouts

/// An alarm that stands alone, as the evidence of a cause shows it.
public enum AlarmDocument {
    /// One JSON object.
    public static func bytes(of alarm: Alarm) -> [UInt8] {
        var writer = JSONWriter(capacity: 400)
        writer.beginObject()
        writer.members(of: alarm)
        writer.endObject()
        return writer.bytes
    }

    public static func read(_ value: JSONValue) throws(StoredFault) -> Alarm {
        try Alarm.stored(try StoredMembers(value, at: .root))
    }
}
