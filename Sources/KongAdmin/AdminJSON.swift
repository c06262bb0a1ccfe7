/// A JSON value, for the parts of Kong's entities that have no fixed shape (a plugin's `config`).
///
/// ```swift
/// let config: AdminJSON = ["http_endpoint": "http://127.0.0.1:8080/log", "timeout": 1000]
/// ```
public enum AdminJSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    /// A number with a fraction. One that is not finite is sent as `null`: JSON has no word for it.
    case number(Double)
    case string(String)
    case array([AdminJSON])
    case object([String: AdminJSON])

    /// The member `key` of an object; nil for anything else.
    public subscript(key: String) -> AdminJSON? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    public var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    public var elements: [AdminJSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The number, whichever way Kong wrote it: `1` and `1.0` are the same to it.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .null, .bool, .string, .array, .object: nil
        }
    }
}

extension AdminJSON: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        func read<Value: Decodable>(_ type: Value.Type) -> Value? {
            do { return try container.decode(type) } catch { return nil }
        }
        if container.decodeNil() {
            self = .null
        } else if let members = read([String: AdminJSON].self) {
            self = .object(members)
        } else if let elements = read([AdminJSON].self) {
            self = .array(elements)
        } else if let text = read(String.self) {
            self = .string(text)
        } else if let truth = read(Bool.self) {
            self = .bool(truth)
        } else if let whole = read(Int.self) {
            self = .integer(whole)
        } else {
            self = .number(try container.decode(Double.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value) where value.isFinite: try container.encode(value)
        case .number: try container.encodeNil()
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension AdminJSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByNilLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(nilLiteral: ()) { self = .null }
    public init(arrayLiteral elements: AdminJSON...) { self = .array(elements) }
    /// Of two members with one name the later counts.
    public init(dictionaryLiteral elements: (String, AdminJSON)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}
