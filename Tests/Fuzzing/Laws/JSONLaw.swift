import Foundation
import JSONText

/// What is read can be printed and read again, and means what Foundation says it means.
public struct JSONLaw: FuzzLaw {
    public static let name = "json"
    public static let seeds: [[UInt8]] = [
        #"{"name":"fraud-v7","steps":[5,25.50,{"percent":1e2,"hold":{}}],"adopt":false,"x":null}"#,
        #" [ "\u00e9\ud83d\ude00\n\"\\\/", -0, 0.1, -1.5E-7, 123456789012345678901234567890 ] "#,
        #"{"a":{"a":{"a":[[[[[[]]]]]]}},"":""}"#, "true", #""é""#, "12",
    ].map { Array($0.utf8) }
    public static let tokens = [
        "{", "}", "[", "]", ",", ":", "\"", "\\u0000", "\\ud800", "\\udc00", "\\u00e9", "true",
        "false", "null", "1e308", "1e999", "-", "0", ".5", "E+", "\"a\":", " ", "\t", "\u{FEFF}",
        "[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":",
    ]

    public init() {}

    public func check(_ input: [UInt8]) throws -> Reading {
        let value: JSONValue
        do { value = try JSONValue(parsing: input, limits: JSONLimits(maxDepth: 64)) } catch {
            try require(!"\(error)".isEmpty, "an error without words")
            return .refused
        }
        for sorted in [false, true] {
            let printed = value.encoded(sortedKeys: sorted)
            let again: JSONValue
            do { again = try JSONValue(parsing: printed) } catch {
                throw Violation("its own print is refused: \(error)")
            }
            try require(again == value, "what was printed means something else")
        }
        let other: Any
        do {
            other = try JSONSerialization.jsonObject(
                with: Data(input), options: [.fragmentsAllowed])
        } catch {
            // Foundation has no numbers beyond the finite doubles.
            try require(Self.hasHugeNumber(value), "taken here, refused by Foundation: \(error)")
            return .taken
        }
        try require(Self.isSame(value, other), "Foundation reads another value")
        return .taken
    }

    static func hasHugeNumber(_ value: JSONValue) -> Bool {
        switch value {
        case .number(let number): number.double == nil || number.literal.utf8.count > 15
        case .array(let values): values.contains(where: hasHugeNumber)
        case .object(let object): object.contains { hasHugeNumber($0.value) }
        case .null, .bool, .string: false
        }
    }

    private static func bytes(_ text: String) -> [UInt8] {
        Array(String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\u{FEFF}" })).utf8)
    }

    static func isSame(_ value: JSONValue, _ other: Any) -> Bool {
        switch value {
        case .null: return other is NSNull
        case .bool(let bool): return (other as? NSNumber)?.boolValue == bool
        case .string(let text):
            // Foundation drops the byte order mark wherever it stands.
            return (other as? String).map { Self.bytes($0) == Self.bytes(text) } ?? false
        case .number(let number):
            guard let theirs = other as? NSNumber else { return false }
            guard let ours = number.double else { return true }
            let difference = abs(theirs.doubleValue - ours)
            return difference <= abs(ours) * 1e-14 || ours.magnitude < 1e-300
        case .array(let values):
            guard let others = other as? [Any], others.count == values.count else { return false }
            return zip(values, others).allSatisfy { isSame($0, $1) }
        case .object(let object):
            guard let others = other as? [String: Any] else { return false }
            // Swift's dictionary takes canonically equal names for one, as those are that differ
            // by a byte order mark only, once Foundation has dropped it.
            if others.count != object.count {
                let names = object.names.map { String(decoding: Self.bytes($0), as: UTF8.self) }
                return Set(names).count == others.count
            }
            guard !object.names.contains(where: { $0.utf8.contains(0xEF) }) else { return true }
            return object.allSatisfy { member in
                others[member.name].map { isSame(member.value, $0) } ?? false
            }
        }
    }
}
