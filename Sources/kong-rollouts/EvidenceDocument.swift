import JSONText
import Judgement
import RolloutJSON
import Rollouts

/// Evidence as the ledger keeps it.
enum EvidenceDocument {
    /// One JSON object in one line.
    static func bytes(of evidence: SavedEvidence) -> [UInt8] {
        var writer = JSONWriter(capacity: 2000)
        writer.beginObject()
        writer.key("lost_restarts")
        writer.value(evidence.lostRestarts)
        writer.key("step_number")
        writer.value(evidence.stepNumber)
        writer.key("step_began")
        writer.value(evidence.stepBegan?.description)
        writer.key("step_counts")
        writer.beginArray()
        for count in evidence.stepCounts { writer.value(count) }
        writer.endArray()
        writer.key("parts")
        writer.beginArray()
        for part in evidence.parts { write(part, into: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ part: SavedEvidence.Part, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("key")
        writer.value(part.key)
        writer.key("numbers")
        writer.beginArray()
        for number in part.numbers { writer.value(number) }
        writer.endArray()
        writer.key("alarm")
        if let alarm = part.alarm {
            writer.raw(AlarmDocument.bytes(of: alarm))
        } else {
            writer.null()
        }
        writer.key("acknowledged")
        if let acknowledged = part.acknowledged {
            writer.value(acknowledged)
        } else {
            writer.null()
        }
        writer.endObject()
    }

    /// Nil: it is not what this version writes. Evidence that cannot be read is lost evidence.
    static func read(_ bytes: [UInt8]) -> SavedEvidence? {
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch { return nil }
        guard let lost = value["lost_restarts"]?.int, let number = value["step_number"]?.int,
            let counts = value["step_counts"]?.array, let list = value["parts"]?.array
        else { return nil }
        var parts: [SavedEvidence.Part] = []
        for one in list {
            guard let part = part(one) else { return nil }
            parts.append(part)
        }
        let whole = counts.compactMap(\.int)
        guard whole.count == counts.count else { return nil }
        return SavedEvidence(
            lostRestarts: lost, stepNumber: number,
            stepBegan: value["step_began"]?.string.flatMap { Timestamp($0) }, stepCounts: whole,
            parts: parts)
    }

    private static func part(_ value: JSONValue) -> SavedEvidence.Part? {
        guard let key = value["key"]?.string, let list = value["numbers"]?.array else { return nil }
        let numbers = list.compactMap(\.double)
        guard numbers.count == list.count else { return nil }
        var alarm: Alarm?
        if let document = value["alarm"], !document.isNull {
            do { alarm = try AlarmDocument.read(document) } catch { return nil }
        }
        return SavedEvidence.Part(
            key: key, numbers: numbers, alarm: alarm,
            acknowledged: value["acknowledged"]?.double)
    }
}
