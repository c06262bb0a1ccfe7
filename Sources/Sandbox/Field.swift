/// What Kong's schema says about one field.
struct Field: Sendable {
    /// Says what is wrong with a value that is there and of the right type; `nil` if nothing is.
    typealias Check = @Sendable (LuaValue) -> String?

    indirect enum Kind: Sendable {
        case string
        case integer
        case number
        case boolean
        case array(Field)
        case set(Field)
        case map(keys: Field, values: Field)
        case record(Schema)
        /// A table whose fields the sandbox does not know.
        case anyTable
        /// A reference `{"id": …}` to an entity of that name.
        case foreign(String)
    }

    var kind: Kind
    var isRequired = false
    var fallback: LuaValue?
    var checks: [Check] = []

    static let string = Field(kind: .string)
    static let integer = Field(kind: .integer)
    static let number = Field(kind: .number)
    static let boolean = Field(kind: .boolean)
    static let uuid = Field.string.checking {
        UUIDText.isValid($0.text ?? "") ? nil : "expected a valid UUID"
    }

    static func array(_ element: Field) -> Field { Field(kind: .array(element)) }
    static func set(_ element: Field) -> Field { Field(kind: .set(element)) }
    static func map(_ keys: Field, _ values: Field) -> Field {
        Field(kind: .map(keys: keys, values: values))
    }
    static func record(_ fields: [(String, Field)]) -> Field {
        Field(kind: .record(Schema(fields)))
    }
    static func foreign(_ entity: String) -> Field { Field(kind: .foreign(entity)) }

    var required: Field { with { $0.isRequired = true } }
    func defaulting(to value: LuaValue) -> Field { with { $0.fallback = value } }
    func checking(_ check: @escaping Check) -> Field { with { $0.checks.append(check) } }

    func between(_ low: Double, _ high: Double) -> Field {
        checking { value in
            guard let number = value.double, number < low || number > high else { return nil }
            return "value should be between \(Int(low)) and \(Int(high))"
        }
    }

    func oneOf(_ options: [String]) -> Field {
        checking { value in
            options.contains(value.text ?? "")
                ? nil : "expected one of: \(options.joined(separator: ", "))"
        }
    }

    func oneOf(_ options: [Int]) -> Field {
        checking { value in
            options.contains { LuaValue.integer($0) == value }
                ? nil : "expected one of: \(options.map(String.init).joined(separator: ", "))"
        }
    }

    /// Runs on strings alone.
    func checkingText(_ check: @escaping @Sendable (String) -> String?) -> Field {
        checking { $0.text.flatMap(check) }
    }

    private func with(_ change: (inout Field) -> Void) -> Field {
        var copy = self
        change(&copy)
        return copy
    }
}

/// The fields of a record, in order.
struct Schema: Sendable {
    let fields: [(name: String, field: Field)]

    init(_ fields: [(String, Field)]) {
        self.fields = fields.map { (name: $0.0, field: $0.1) }
    }

    subscript(name: String) -> Field? { fields.first { $0.name == name }?.field }

    /// Fills what is missing with defaults; a field without one becomes null, or stays away if it
    /// is required.
    func completed(_ input: Row) -> Row {
        var output = input
        for (name, field) in fields {
            if let value = input[name] {
                output[name] = field.normalised(value)
            } else if let fallback = field.fallback {
                output[name] = field.normalised(fallback)
            } else if case .record(let nested) = field.kind, field.isRequired {
                output[name] = .table(nested.completed([:]))
            } else if !field.isRequired {
                output[name] = .null
            }
        }
        return output
    }

    /// `change` over `present`: records are merged, lists and maps replaced.
    func merged(_ change: Row, over present: Row) -> Row {
        var output = present
        for (name, value) in change {
            if case .record(let nested) = self[name]?.kind, case .table(let top) = value,
                case .table(let bottom) = present[name]
            {
                output[name] = .table(nested.merged(top, over: bottom))
            } else {
                output[name] = self[name]?.normalised(value) ?? value
            }
        }
        return output
    }

    /// What is wrong, by field; empty if nothing is.
    func errors(in input: Row) -> Row {
        var errors: Row = [:]
        for (name, value) in input {
            if let field = self[name] {
                errors[name] = field.error(in: value)
            } else {
                errors[name] = .string("unknown field")
            }
        }
        for (name, field) in fields where field.isRequired && (input[name] ?? .null).isNull {
            errors[name] = .string("required field missing")
        }
        return errors
    }
}

extension Field {
    fileprivate func normalised(_ value: LuaValue) -> LuaValue {
        switch (kind, value) {
        case (.record(let schema), .table(let row)): .table(schema.completed(row))
        case (.set, .array(let list)):
            .array(list.reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
        // An empty JSON object and an empty list are the same thing in Lua.
        case (.array, .table(let row)) where row.isEmpty, (.set, .table(let row)) where row.isEmpty:
            .array([])
        default: value
        }
    }

    fileprivate func error(in value: LuaValue) -> LuaValue? {
        if value.isNull { return isRequired ? .string("required field missing") : nil }
        switch (kind, value) {
        case (.array(let element), .array(let list)), (.set(let element), .array(let list)):
            if let error = Self.errors(of: list, as: element) { return error }
        case (.array, _): return .string("expected an array")
        case (.set, _): return .string("expected a set")
        case (.map(let keys, let values), .table(let row)):
            for name in row.keys.sorted() {
                if let error = keys.error(in: .string(name)) { return error }
                if let error = values.required.error(in: row[name] ?? .null) { return error }
            }
        case (.map, .array(let list)) where list.isEmpty: break
        case (.map, _): return .string("expected a map")
        case (.record(let schema), .table(let row)):
            let errors = schema.errors(in: schema.completed(row))
            if !errors.isEmpty { return .table(errors) }
        case (.record, _): return .string("expected a record")
        case (.anyTable, .table): break
        case (.anyTable, _): return .string("expected a record")
        case (.foreign, .table(let row)): return Self.foreignError(row)
        // In Lua a string has no field `id`, but it can be asked for one.
        case (.foreign, .string): return .table(["id": "missing primary key"])
        case (.foreign, _): return .string("expected a record")
        case (.integer, .number(let number)):
            if number != number.rounded(.down) { return .string("expected an integer") }
        case (.integer, _): return .string("expected an integer")
        case (.number, .number), (.boolean, .bool): break
        case (.number, _): return .string("expected a number")
        case (.boolean, _): return .string("expected a boolean")
        case (.string, .string(let text)):
            if text.isEmpty { return .string("length must be at least 1") }
        case (.string, _): return .string("expected a string")
        }
        for check in checks {
            if let text = check(value) { return .string(text) }
        }
        return nil
    }

    private static func errors(of list: [LuaValue], as element: Field) -> LuaValue? {
        var errors: [LuaValue] = list.map { element.required.error(in: $0) ?? .null }
        guard errors.contains(where: { !$0.isNull }) else { return nil }
        while errors.last?.isNull == true { errors.removeLast() }
        return .array(errors)
    }

    private static func foreignError(_ row: Row) -> LuaValue? {
        guard let id = row["id"], !id.isNull else {
            return .table(["id": .string("missing primary key")])
        }
        guard let text = id.text else { return .table(["id": .string("expected a string")]) }
        return UUIDText.isValid(text) ? nil : .table(["id": .string("expected a valid UUID")])
    }
}
