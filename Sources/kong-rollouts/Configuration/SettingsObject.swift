import JSONText
import Rollouts

/// One object of the configuration file, with its place for error messages.
struct SettingsObject {
    let place: String
    private let members: JSONObject

    init(_ value: JSONValue, at place: String) throws(SettingsError) {
        guard let members = value.object else {
            throw SettingsError(place: place, detail: "must be an object, is \(value.kindName)")
        }
        self.place = place
        self.members = members
    }

    var names: [String] { members.names }

    func allow(_ known: [String]) throws(SettingsError) {
        for name in members.names where !known.contains(name) {
            throw SettingsError(
                place: "\(place)/\(name)",
                detail: "no such setting; known here are \(known.joined(separator: ", "))")
        }
    }

    func value(_ name: String) -> JSONValue? {
        // Not `flatMap`: there `nil` would be JSON's null.
        guard let value = members[name], !value.isNull else { return nil }
        return value
    }

    func isNull(_ name: String) -> Bool { members[name]?.isNull == true }

    func string(_ name: String) throws(SettingsError) -> String? {
        guard let value = value(name) else { return nil }
        guard let string = value.string else { throw wrong(name, "a string", value) }
        return string
    }

    func required(_ name: String) throws(SettingsError) -> String {
        guard let string = try string(name) else {
            throw SettingsError(place: "\(place)/\(name)", detail: "required: a string")
        }
        return string
    }

    func strings(_ name: String) throws(SettingsError) -> [String]? {
        guard let value = value(name) else { return nil }
        guard let array = value.array else { throw wrong(name, "an array of strings", value) }
        var read: [String] = []
        for element in array {
            guard let string = element.string else {
                throw wrong(name, "an array of strings", element)
            }
            read.append(string)
        }
        return read
    }

    func span(_ name: String) throws(SettingsError) -> TimeSpan? {
        guard let text = try string(name) else { return nil }
        guard let span = TimeSpan(text) else {
            throw SettingsError(
                place: "\(place)/\(name)",
                detail: "\"\(text)\" is no duration; write 10m, 1h30m or 45s, up to 720h")
        }
        return span
    }

    func whole(_ name: String, in range: ClosedRange<Int>) throws(SettingsError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.int, range.contains(number) else {
            throw SettingsError(
                place: "\(place)/\(name)",
                detail: "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func object(_ name: String) throws(SettingsError) -> SettingsObject? {
        guard let value = value(name) else { return nil }
        return try SettingsObject(value, at: "\(place)/\(name)")
    }

    func objects(_ name: String) throws(SettingsError) -> [SettingsObject]? {
        guard let value = value(name) else { return nil }
        guard let array = value.array else { throw wrong(name, "an array of objects", value) }
        var read: [SettingsObject] = []
        for (index, element) in array.enumerated() {
            read.append(try SettingsObject(element, at: "\(place)/\(name)/\(index)"))
        }
        return read
    }

    private func wrong(_ name: String, _ wanted: String, _ found: JSONValue) -> SettingsError {
        SettingsError(
            place: "\(place)/\(name)", detail: "must be \(wanted), is \(found.kindName)")
    }
}
