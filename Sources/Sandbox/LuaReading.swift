internal import JSONText

extension LuaValue {
    /// Reads one JSON text; `nil` if it is none.
    init?(json bytes: [UInt8]) {
        do {
            self.init(try JSONValue(parsing: bytes))
        } catch {
            return nil
        }
    }

    private init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .number(let number): self = .number(number.double ?? 0)
        case .string(let text): self = .string(text)
        case .array(let list): self = .array(list.map(LuaValue.init))
        case .object(let object):
            var row: Row = [:]
            for (name, value) in object { row[name] = LuaValue(value) }
            self = .table(row)
        }
    }
}
