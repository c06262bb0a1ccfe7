/// One column of a draft whose value in Kong may be null.
///
/// Kong tells "leave it" (the key is absent) from "clear it" (the key is `null`); so does a field.
/// Columns that Kong never lets be null are plain optionals in the drafts: `nil` leaves them.
///
/// ```swift
/// var patch = ServiceDraft()
/// patch.path = .null            // {"path":null}
/// patch.tags = ["team-a"]       // {"path":null,"tags":["team-a"]}
/// ```
public enum Field<Value: Sendable & Hashable>: Sendable, Hashable {
    /// The key is not sent: an update leaves the column, a creation gives it Kong's default.
    case unset
    /// The key is sent as `null`.
    case null
    case value(Value)

    /// The value to be sent, if there is one.
    public var value: Value? {
        switch self {
        case .unset, .null: nil
        case .value(let value): value
        }
    }
}

extension Field: ExpressibleByUnicodeScalarLiteral where Value == String {
    public init(unicodeScalarLiteral value: String) { self = .value(value) }
}
extension Field: ExpressibleByExtendedGraphemeClusterLiteral where Value == String {
    public init(extendedGraphemeClusterLiteral value: String) { self = .value(value) }
}
extension Field: ExpressibleByStringLiteral where Value == String {
    public init(stringLiteral value: String) { self = .value(value) }
}
extension Field: ExpressibleByIntegerLiteral where Value == Int {
    public init(integerLiteral value: Int) { self = .value(value) }
}
extension Field: ExpressibleByBooleanLiteral where Value == Bool {
    public init(booleanLiteral value: Bool) { self = .value(value) }
}
extension Field: ExpressibleByArrayLiteral where Value == [String] {
    public init(arrayLiteral elements: String...) { self = .value(elements) }
}
