internal import HTTPMessage

/// The arguments in a body: JSON, a form, or a multipart form.
enum BodyArguments {
    enum Refusal: Error, Equatable { case unsupportedMediaType, badJSON }

    /// - Parameter schema: Says what the texts of a form mean.
    static func read(_ request: AdminRequest, for schema: Schema?) throws(Refusal) -> Row {
        guard let type = request.contentType else {
            if request.body.isEmpty { return [:] }
            throw .unsupportedMediaType
        }
        if type.hasPrefix("application/json") {
            guard case .table(let row)? = LuaValue(json: request.body) else { throw .badJSON }
            return row
        }
        if type.hasPrefix("application/x-www-form-urlencoded") {
            let text = String(decoding: request.body, as: UTF8.self)
            do {
                return infer(nested(try PercentDecoding.query(text)), schema)
            } catch {
                throw .badJSON
            }
        }
        if type.hasPrefix("multipart/form-data") {
            return infer(nested(multipart(request)), schema)
        }
        throw .unsupportedMediaType
    }

    /// `a.b=1`, `a[]=1`, `a[2]=1` and repeated names as tables and lists.
    private static func nested(_ pairs: [(name: String, value: String)]) -> Row {
        var row: Row = [:]
        for (name, value) in pairs {
            var isList = false
            var plain = name
            if plain.hasSuffix("]"), let open = plain.lastIndex(of: "[") {
                let inside = plain[plain.index(after: open)...].dropLast()
                if inside.utf8.allSatisfy(ASCII.isDigit) {
                    isList = true
                    plain = String(plain[..<open])
                } else {
                    plain = plain.replacing("[", with: ".").replacing("]", with: "")
                }
            }
            let keys = plain.split(separator: ".").map(String.init)
            set(.string(value), at: keys[...], in: &row, isList: isList)
        }
        return row
    }

    private static func set(
        _ value: LuaValue, at keys: ArraySlice<String>, in row: inout Row, isList: Bool
    ) {
        guard let key = keys.first else { return }
        if keys.count > 1 {
            var inner = row[key]?.table ?? [:]
            set(value, at: keys.dropFirst(), in: &inner, isList: isList)
            row[key] = .table(inner)
        } else if let present = row[key] {
            row[key] = .array((present.list ?? [present]) + [value])
        } else {
            row[key] = isList ? .array([value]) : value
        }
    }

    /// The texts of a form as what the schema wants in their place; what does not fit stays text.
    private static func infer(_ row: Row, _ schema: Schema?) -> Row {
        var output: Row = [:]
        for (name, value) in row { output[name] = infer(value, schema?[name]) }
        return output
    }

    private static func infer(_ value: LuaValue, _ field: Field?) -> LuaValue {
        guard let field else { return value }
        if value == .string("") { return .null }
        switch (field.kind, value) {
        case (.integer, .string(let text)), (.number, .string(let text)):
            return Double(text).map(LuaValue.number) ?? value
        case (.boolean, .string("true")): return .bool(true)
        case (.boolean, .string("false")): return .bool(false)
        case (.array(let element), .array(let list)), (.set(let element), .array(let list)):
            return .array(list.map { infer($0, element) })
        case (.array(let element), .string), (.set(let element), .string):
            return .array([infer(value, element)])
        case (.record(let schema), .table(let row)): return .table(infer(row, schema))
        case (.map(_, let values), .table(let row)):
            return .table(row.mapValues { infer($0, values) })
        default: return value
        }
    }

    private static func multipart(_ request: AdminRequest) -> [(name: String, value: String)] {
        guard let mark = request.contentType?.split(separator: "boundary=").last else { return [] }
        let boundary = mark.prefix { $0 != ";" }.filter { $0 != "\"" }
        let text = String(decoding: request.body, as: UTF8.self).replacing("\r\n", with: "\n")
        return text.split(separator: "--" + boundary).compactMap { part in
            let halves = part.split(separator: "\n\n", maxSplits: 1)
            guard halves.count == 2, let start = halves[0].firstRange(of: "name=\"") else {
                return nil
            }
            let name = halves[0][start.upperBound...].prefix { $0 != "\"" }
            let value = halves[1].hasSuffix("\n") ? halves[1].dropLast() : halves[1]
            return (String(name), String(value))
        }
    }
}
