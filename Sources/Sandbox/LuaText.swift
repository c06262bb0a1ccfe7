extension LuaValue {
    /// The value as JSON text; integers without a fraction, as cjson prints them.
    var json: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }

    private func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let number): bytes.append(contentsOf: Self.digits(of: number).utf8)
        case .string(let text): Self.quote(text, into: &bytes)
        case .array(let list):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in list.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .table(let row):
            bytes.append(UInt8(ascii: "{"))
            for (index, name) in row.keys.sorted().enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.quote(name, into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                row[name]?.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    static func digits(of number: Double) -> String {
        Int(exactly: number).map(String.init) ?? number.description
    }

    private static func quote(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
            case 0..<32:
                let hex = String(byte, radix: 16)
                bytes.append(contentsOf: ("\\u00" + (hex.count == 1 ? "0" : "") + hex).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The value as Kong prints tables in its messages: `{target="h:p",upstream={id="…"}}`.
    ///
    /// - Parameter indent: empty for one line; two spaces for the form it uses inside a message
    ///   about a nested record, where every entry has its own line.
    func pretty(indent: String = "") -> String {
        var lines: [String] = []
        var current = ""
        prettyLines(
            into: &lines, current: &current, outer: "", inner: indent, step: indent)
        return lines.joined(separator: indent.isEmpty ? "" : "\n")
    }

    private func prettyLines(
        into lines: inout [String], current: inout String, outer: String, inner: String,
        step: String, comma: Bool = false
    ) {
        func end(_ text: String) {
            lines.append(current + text)
            current = ""
        }
        let tail = comma ? "," : ""
        switch self {
        case .null: end("null" + tail)
        case .bool(let flag): end((flag ? "true" : "false") + tail)
        case .number(let number): end(Self.digits(of: number) + tail)
        case .string(let text): end(Self.quoted(text) + tail)
        case .array(let list):
            end("{")
            let filled = list.enumerated().filter { !$0.element.isNull }
            for (position, (index, element)) in filled.enumerated() {
                current = inner
                if index != position { current += "[\(index + 1)]" + (step.isEmpty ? "=" : " = ") }
                element.prettyLines(
                    into: &lines, current: &current, outer: inner, inner: inner + step,
                    step: step, comma: position < filled.count - 1)
            }
            end(outer + "}" + tail)
        case .table(let row):
            end("{")
            for (position, key) in row.keys.sorted().enumerated() {
                current = inner + Self.keyText(key) + (step.isEmpty ? "=" : " = ")
                row[key]?.prettyLines(
                    into: &lines, current: &current, outer: inner, inner: inner + step,
                    step: step, comma: position < row.count - 1)
            }
            end(outer + "}" + tail)
        }
    }

    /// Lua's `%q`, or long brackets around what has several lines.
    private static func quoted(_ text: String) -> String {
        if text.contains("\n") { return "[[\(text)]]" }
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }

    private static func keyText(_ key: String) -> String {
        let isIdentifier = key.utf8.allSatisfy { $0 == UInt8(ascii: "_") || ASCII.isAlphanumeric($0) }
        return isIdentifier && key.utf8.first.map(ASCII.isDigit) == false ? key : "[\"\(key)\"]"
    }
}

/// What Lua's `%d`, `%a` and `%w` mean.
enum ASCII {
    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    static func isLetter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte)
    }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
    static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}
