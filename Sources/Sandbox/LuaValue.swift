/// A value as Kong's Admin API thinks of it: Lua's, where every number is a double and `null` is a
/// value that can be set.
indirect enum LuaValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([LuaValue])
    case table(Row)

    static func integer(_ value: Int) -> LuaValue { .number(Double(value)) }

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var table: Row? {
        if case .table(let row) = self { row } else { nil }
    }

    var list: [LuaValue]? {
        if case .array(let list) = self { list } else { nil }
    }

    var double: Double? {
        if case .number(let number) = self { number } else { nil }
    }

    /// The number as an integer; `nil` if it is none.
    var integer: Int? {
        if case .number(let number) = self { Int(exactly: number) } else { nil }
    }

    var flag: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// The strings of a list; empty for anything else.
    var strings: [String] { list?.compactMap(\.text) ?? [] }

    var isNull: Bool { self == .null }

    /// Kong's sense of "set": neither null nor an empty list, table or string.
    var isFilled: Bool {
        switch self {
        case .null: false
        case .bool, .number: true
        case .string(let text): !text.isEmpty
        case .array(let list): !list.isEmpty
        case .table(let row): !row.isEmpty
        }
    }
}

/// An entity, or any other table with names for keys.
typealias Row = [String: LuaValue]

extension Row {
    var id: String { self["id"]?.text ?? "" }
    var name: String? { self["name"]?.text }

    /// The id inside a foreign key such as `service`.
    func reference(_ field: String) -> String? { self[field]?.table?["id"]?.text }
}
