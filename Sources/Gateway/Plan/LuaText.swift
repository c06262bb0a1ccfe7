/// Text as Lua wants it.
enum LuaText {
    /// A quoted literal of plain ASCII; every other byte by its number.
    static func literal(_ text: String) -> String {
        var literal = "\""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                literal += "\\" + String(UnicodeScalar(byte))
            case 0x20..<0x7F: literal += String(UnicodeScalar(byte))
            default: literal += "\\" + decimal(byte)
            }
        }
        return literal + "\""
    }

    /// A pattern that matches `text` alone.
    static func pattern(_ text: String) -> String {
        var pattern = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", " ": break
            case "!"..."~": pattern += "%"
            default: break
            }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern
    }

    /// A JSON string with its quotes, as most programs write it.
    static func json(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": json += "\\" + String(scalar)
            case "\n": json += "\\n"
            case "\r": json += "\\r"
            case "\t": json += "\\t"
            case "\u{0}"..<" ": json += "\\u00" + hexadecimal(UInt8(scalar.value))
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }

    /// For a comment: nothing in it ends the line.
    static func visible(_ text: String) -> String {
        String(json(text).dropFirst().dropLast())
    }

    private static func decimal(_ byte: UInt8) -> String {
        let digits = String(byte)
        return String(repeating: "0", count: 3 - digits.count) + digits
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return String(repeating: "0", count: 2 - digits.count) + digits
    }
}
