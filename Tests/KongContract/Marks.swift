import JSONText
import Yams

/// The variables of one recording: `$id1` is bound where it is first seen and equal afterwards.
struct Marks {
    private var bound: [String: JSONValue] = [:]

    /// `text` with every bound mark replaced by its value.
    func filled(_ text: String) -> String {
        var result = text
        for (mark, value) in bound.sorted(by: { $0.key.count > $1.key.count }) {
            guard let value = value.string else { continue }
            result = result.replacing(mark, with: value)
        }
        return result
    }

    /// Whether `actual` is what was recorded; binds marks on the way, and only if it is.
    mutating func accept(_ expected: JSONValue, _ actual: JSONValue, isPartial: Bool) -> Bool {
        var trial = self
        guard trial.matches(expected, actual, isPartial: isPartial) else { return false }
        self = trial
        return true
    }

    private mutating func matches(
        _ expected: JSONValue, _ actual: JSONValue, isPartial: Bool = false
    ) -> Bool {
        switch (expected, actual) {
        case (.string(let text), _): return matches(text, actual)
        case (.object(let wanted), .object(let found)):
            if !isPartial, wanted.count != found.count { return false }
            return matchesMembers(wanted, found, isPartial: isPartial)
        case (.array(let wanted), .array(let found)):
            guard wanted.count == found.count else { return false }
            return matchesInOrder(wanted, found) || matchesInAnyOrder(wanted, found)
        default: return expected == actual
        }
    }

    private mutating func matchesMembers(
        _ wanted: JSONObject, _ found: JSONObject, isPartial: Bool
    ) -> Bool {
        for (name, value) in wanted {
            if name == "config", let text = value.string, text.contains("_format_version") {
                guard matchesYAML(text, found[name]?.string ?? "") else { return false }
                continue
            }
            guard let other = found[name], matches(value, other, isPartial: isPartial) else {
                return false
            }
        }
        return true
    }

    private mutating func matches(_ text: String, _ actual: JSONValue) -> Bool {
        if Self.isMark(text) {
            if let value = bound[text] {
                return value == actual || Self.isNearly(text, value, actual)
            }
            bound[text] = actual
            return true
        }
        guard let found = actual.string else { return false }
        if text.contains("offset=") { return Self.withoutOffset(text) == Self.withoutOffset(found) }
        // Ids that a test chose itself were marked too: bind what stands in the mark's place.
        return bindInside(text, found)
    }

    /// Matches a text with marks in it, such as `{id="$id2"}`.
    private mutating func bindInside(_ text: String, _ found: String) -> Bool {
        let filledText = filled(text)
        if filledText == found { return true }
        guard let start = filledText.firstIndex(of: "$") else { return false }
        let mark = filledText[start...].prefix { $0 == "$" || $0.isLetter || $0.isNumber }
        guard Self.isMark(String(mark)), bound[String(mark)] == nil else { return false }
        let head = filledText[..<start]
        guard found.hasPrefix(head), found.count >= head.count + 36 else { return false }
        bound[String(mark)] = .string(String(found.dropFirst(head.count).prefix(36)))
        return bindInside(text, found)
    }

    private mutating func matchesInOrder(_ wanted: [JSONValue], _ found: [JSONValue]) -> Bool {
        var trial = self
        for (one, other) in zip(wanted, found) {
            guard trial.matches(one, other) else { return false }
        }
        self = trial
        return true
    }

    /// Only rows of equal age may change places; lists of anything else keep their order.
    private mutating func matchesInAnyOrder(_ wanted: [JSONValue], _ found: [JSONValue]) -> Bool {
        guard wanted.count == found.count, let first = wanted.first else { return found.isEmpty }
        guard first.object != nil, wanted.allSatisfy({ $0["created_at"] == first["created_at"] })
        else { return false }
        for (index, candidate) in found.enumerated() {
            var trial = self
            guard trial.matches(first, candidate) else { continue }
            var rest = found
            rest.remove(at: index)
            if trial.matchesInAnyOrder(Array(wanted.dropFirst()), rest) {
                self = trial
                return true
            }
        }
        return false
    }

    private mutating func matchesYAML(_ text: String, _ found: String) -> Bool {
        guard let wanted = Self.yaml(text), let given = Self.yaml(found) else { return false }
        return matches(wanted, given)
    }

    /// Times in the YAML text were left as they were: all become one mark.
    private static func yaml(_ text: String) -> JSONValue? {
        guard let node = try? Yams.compose(yaml: text) else { return nil }
        return value(node)
    }

    private static func value(_ node: Yams.Node) -> JSONValue {
        switch node {
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, inner) in mapping {
                let name = key.string ?? ""
                let isTime = name == "created_at" || name == "updated_at"
                object[name] = isTime ? "a time" : value(inner)
            }
            return .object(object)
        case .sequence(let list): return .array(list.map(value))
        case .scalar(let scalar):
            if scalar.style == .singleQuoted || scalar.style == .doubleQuoted {
                return .string(scalar.string)
            }
            if node.null != nil { return .null }
            if let number = node.int { return .number(JSONNumber(number)) }
            if scalar.string == "true" || scalar.string == "false" {
                return .bool(scalar.string == "true")
            }
            return .string(scalar.string)
        case .alias: return .null
        }
    }

    /// What Kong did within one second may take two here.
    private static func isNearly(_ mark: String, _ value: JSONValue, _ actual: JSONValue) -> Bool {
        guard mark.hasPrefix("$sec"), let one = value.double, let other = actual.double else {
            return false
        }
        return abs(one - other) <= 5
    }

    private static func isMark(_ text: String) -> Bool {
        text.hasPrefix("$") && text.count > 1 && text.dropFirst().allSatisfy { $0.isLetter || $0.isNumber }
    }

    private static func withoutOffset(_ text: String) -> String {
        text.split(separator: "&").map { $0.contains("offset=") ? $0.prefix { $0 != "=" } : $0 }
            .joined(separator: "&")
    }
}
