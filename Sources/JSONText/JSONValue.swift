/// A JSON text as a value (RFC 8259): what was written, with numbers kept literally.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Equal when they mean the same: `20`, `20.0` and `2e1` are equal, members may stand in any
    /// order, and strings are compared by code points, not by canonical equivalence.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }
}

extension JSONValue {
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var number: JSONNumber? {
        if case .number(let value) = self { value } else { nil }
    }

    /// The whole number this is, however it is written (`1`, `1.0`, `10e-1`).
    public var int: Int? { number?.int }

    public var double: Double? { number?.double }

    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member of that name when this is an object that has it.
    public subscript(_ name: String) -> JSONValue? { object?[name] }

    /// The element there when this is an array that reaches so far.
    public subscript(_ index: Int) -> JSONValue? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    /// What this is, in the words an error report uses.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    public init(floatLiteral value: Double) {
        self = JSONNumber(value).map(JSONValue.number) ?? .null
    }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// A name written twice keeps its first place and its last value.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }
}

extension JSONValue {
    /// Reads exactly one JSON text, white space around it allowed.
    public init(
        parsing text: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(JSONSyntaxError) {
        var none: RepeatedMember?
        self = try Self.value(of: text, limits, repeating: &none)
    }

    /// Reads one of many documents that have a member in common.
    ///
    /// - Parameter member: As it was left by the document before; afterwards it tells whether
    ///   this one has the same, and thus null in its place.
    public init(
        parsing text: [UInt8], limits: JSONLimits = JSONLimits(),
        repeating member: inout RepeatedMember
    ) throws(JSONSyntaxError) {
        var known = RepeatedMember?.some(member)
        self = try Self.value(of: text, limits, repeating: &known)
        if let known { member = known }
    }

    private static func value(
        of text: [UInt8], _ limits: JSONLimits, repeating member: inout RepeatedMember?
    ) throws(JSONSyntaxError) -> JSONValue {
        try text.withUnsafeBufferPointer { bytes throws(JSONSyntaxError) in
            try JSONParser.value(of: bytes, limits: limits, repeating: &member)
        }
    }

    /// Reads exactly one JSON text, white space around it allowed.
    public init(
        parsing text: String, limits: JSONLimits = JSONLimits()
    ) throws(JSONSyntaxError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    /// The shortest JSON text of this value, in one line.
    ///
    /// - Parameter sortedKeys: Members by name, in the order of their UTF-8 bytes, instead of in
    ///   their own order.
    public func encoded(sortedKeys: Bool = false) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self, sortedKeys: sortedKeys)
        return writer.bytes
    }
}

extension JSONValue: CustomStringConvertible {
    public var description: String { String(decoding: encoded(), as: UTF8.self) }
}
