internal import JSONText

/// The id in an entity that Kong answered; empty after a deletion.
struct Identified {
    let id: String

    init(_ body: [UInt8]) {
        do {
            id = try JSONValue(parsing: body)["id"]?.string ?? ""
        } catch {
            // What was written is read again before its id is needed.
            id = ""
        }
    }
}
