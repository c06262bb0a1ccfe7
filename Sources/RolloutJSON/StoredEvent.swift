import JSONText
public import Rollouts

/// An event as the ledger keeps it. Its id is not in it: it is the journal's sequence, which is
/// known only once the event was saved.
public enum StoredEvent {
    /// One JSON object in one line; the event's `id` is left out.
    public static func bytes(of event: HistoryEvent) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        EventWriter.writeMembers(of: event, into: &writer)
        writer.endObject()
        return writer.bytes
    }

    public static func read(_ bytes: [UInt8], id: Int) throws(StoredFault) -> HistoryEvent {
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch {
            throw StoredFault(.root, "JSON: \(error)")
        }
        let members = try StoredMembers(value, at: .root)
        guard let name = RolloutName(try members.text("rollout")) else {
            throw members.fault("rollout", "the name of a rollout")
        }
        return HistoryEvent(
            id: id, at: try members.moment("at"), rollout: name,
            revision: try members.whole("revision"),
            type: try members.word("type", as: HistoryType.self),
            from: try members.optionalWord("from", as: Phase.Name.self),
            to: try members.optionalWord("to", as: Phase.Name.self),
            actor: try members.text("actor"), reason: try members.optionalText("reason"),
            data: try details(try members.members("data")))
    }

    private static func details(
        _ members: StoredMembers
    ) throws(StoredFault) -> HistoryEvent.Details {
        var changed: [String] = []
        if members.has("changed") {
            for (index, value) in try members.list("changed").enumerated() {
                guard let name = value.string else {
                    throw StoredFault(
                        members.pointer.appending("changed").appending(index), "a string")
                }
                changed.append(name)
            }
        }
        return HistoryEvent.Details(
            asked: try members.optionalShare("asked_percent"),
            applied: try members.optionalShare("applied_percent"),
            step: members.has("step") ? try members.whole("step") : nil,
            cause: try Cause.stored("cause", in: members), changed: changed)
    }
}
