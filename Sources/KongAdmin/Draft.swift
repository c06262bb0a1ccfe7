/// The columns of an entity to be created or changed; those left unset are not sent.
///
/// ```swift
/// let body = TargetDraft(target: "10.0.0.7:8080", weight: 20).body()
/// // {"target":"10.0.0.7:8080","weight":20}
/// ```
public protocol Draft: Encodable, Equatable, Sendable {
    /// What is sent, as a JSON object.
    var json: AdminJSON { get }
}

extension Draft {
    /// The exact bytes a call with this draft sends: compact JSON, keys sorted.
    public func body() -> [UInt8] { json.bytes() }

    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}

/// Gathers the columns that are set.
struct Columns {
    private var members: [String: AdminJSON] = [:]

    var json: AdminJSON { .object(members) }

    mutating func set(_ name: String, _ value: AdminJSON?) {
        if let value { members[name] = value }
    }
    mutating func set(_ name: String, _ value: String?) { set(name, value.map(AdminJSON.string)) }
    mutating func set(_ name: String, _ value: Int?) { set(name, value.map(AdminJSON.integer)) }
    mutating func set(_ name: String, _ value: Bool?) { set(name, value.map(AdminJSON.bool)) }
    mutating func set(_ name: String, _ value: [String]?) {
        set(name, value.map { .array($0.map(AdminJSON.string)) })
    }

    mutating func set(_ name: String, _ field: Field<String>) { set(name, field, AdminJSON.string) }
    mutating func set(_ name: String, _ field: Field<Int>) { set(name, field, AdminJSON.integer) }
    mutating func set(_ name: String, _ field: Field<Bool>) { set(name, field, AdminJSON.bool) }
    mutating func set(_ name: String, _ field: Field<[String]>) {
        set(name, field) { .array($0.map(AdminJSON.string)) }
    }
    mutating func set(_ name: String, _ field: Field<[String: [String]]>) {
        set(name, field) { .object($0.mapValues { .array($0.map(AdminJSON.string)) }) }
    }
    mutating func set(_ name: String, _ field: Field<EntityKey>) { set(name, field, \.json) }

    private mutating func set<Value>(
        _ name: String, _ field: Field<Value>, _ json: (Value) -> AdminJSON
    ) {
        switch field {
        case .unset: break
        case .null: members[name] = .null
        case .value(let value): members[name] = json(value)
        }
    }
}
