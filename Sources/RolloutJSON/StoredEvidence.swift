import JSONText
public import Rollouts

/// What of a judgement is kept in the ledger: how far the evidence had come, and the values that
/// were pushed since.
public struct StoredEvidence: Sendable {
    /// One JSON object, which only who judges can read; nil: none yet.
    public var evidence: [UInt8]?
    /// Not in `evidence` yet.
    public var measurements: [Measurement]

    /// Values kept one by one before they are made part of the evidence.
    public static let measurementLimit = 1_000

    public init(evidence: [UInt8]? = nil, measurements: [Measurement] = []) {
        self.evidence = evidence
        self.measurements = measurements
    }

    /// One JSON object in one line.
    public var bytes: [UInt8] {
        var writer = JSONWriter(capacity: 200 + (evidence?.count ?? 0))
        writer.beginObject()
        writer.key("evidence")
        if let evidence { writer.raw(evidence) } else { writer.null() }
        writer.key("measurements")
        writer.beginArray()
        for measurement in measurements {
            writer.beginObject()
            writer.key("metric")
            writer.value(measurement.metric)
            writer.key("is_canary")
            writer.value(measurement.isCanary)
            writer.key("value")
            writer.value(measurement.value)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    public init(reading bytes: [UInt8]) throws(StoredFault) {
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch {
            throw StoredFault(.root, "JSON: \(error)")
        }
        let members = try StoredMembers(value, at: .root)
        if members.has("evidence"), let found = members.object["evidence"] {
            var writer = JSONWriter(capacity: bytes.count)
            writer.value(found)
            evidence = writer.bytes
        }
        measurements = []
        let pointer = JSONPointer.root.appending("measurements")
        for (index, item) in try members.list("measurements").enumerated() {
            let one = try StoredMembers(item, at: pointer.appending(index))
            guard let value = one.object["value"]?.number?.double else {
                throw one.fault("value", "a number")
            }
            measurements.append(
                Measurement(
                    metric: try one.text("metric"), isCanary: try one.flag("is_canary"),
                    value: value))
        }
    }
}
