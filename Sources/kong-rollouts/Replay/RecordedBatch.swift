import JSONText
import Rollouts

/// One line of a recording: what was posted, and when.
struct RecordedBatch {
    /// Milliseconds since the recording began; nil: the line does not say.
    var receivedMilliseconds: Int64?
    /// The body as it was posted: one record or an array of them; nil: the line has none.
    var body: [UInt8]?
    /// The versions, where the recording names them.
    var stable: [String]?
    var canary: [String]?

    /// Reads `{"received_ms": …, "body": …, "stable": […], "canary": […]}`, of which each part may
    /// be missing; a line without any of them is a body itself.
    ///
    /// The body is handed on as it stands: what is wrong within it is counted, not refused, as it
    /// is when Kong posts it.
    init(_ line: [UInt8]) throws(RecordingFault) {
        let value: JSONValue
        do { value = try JSONValue(parsing: line) } catch {
            throw RecordingFault(detail: "is not JSON: \(error)")
        }
        guard let object = value.object, ["body", "stable", "canary"].contains(where: object.contains)
        else {
            guard value.object != nil || value.array != nil else {
                throw RecordingFault(detail: "is neither an object nor an array")
            }
            body = line
            return
        }
        if let received = object["received_ms"], !received.isNull {
            guard let number = received.double, number >= 0, number < 1e15 else {
                throw RecordingFault(detail: "received_ms must be milliseconds since the beginning")
            }
            receivedMilliseconds = Int64(number)
        }
        stable = try Self.targets(object["stable"], "stable")
        canary = try Self.targets(object["canary"], "canary")
        if let posted = object["body"], !posted.isNull {
            var writer = JSONWriter(capacity: line.count)
            writer.value(posted)
            body = writer.bytes
        }
    }

    private static func targets(
        _ value: JSONValue?, _ name: String
    ) throws(RecordingFault) -> [String]? {
        guard let value, !value.isNull else { return nil }
        let list = value.array.map { $0.compactMap(\.string) }
        guard let list, list.count == value.array?.count else {
            throw RecordingFault(detail: "\(name) must be an array of HOST:PORT")
        }
        return list
    }
}

/// A line that is not of a recording.
struct RecordingFault: Error {
    let detail: String
}
