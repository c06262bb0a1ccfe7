import JSONText
import Testing

@Suite struct JSONSyntaxTests {
    @Test(arguments: [
        "null", "true", " false ", "0", "-0", "1", "-1.5e+10", "1E5", "0.1", "\"\"", "[]", "{}",
        "[1,2]", "\t\r\n[ 1 , 2 ]\n", "{\"a\":{\"b\":[null]}}", "\"\\u00e9\\n\\/\\\"\"", "\"é😀\"",
        "\"\\uD83D\\uDE00\"", "\"\\u0000\"", "\"\u{7F}\"", "{\"\":1}", "{\"é\":1,\"e\u{301}\":2}",
    ])
    func `what RFC 8259 allows is read and written back alike`(text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(try JSONValue(parsing: value.encoded()) == value)
        #expect(try JSONValue(parsing: value.encoded(sortedKeys: true)) == value)
    }

    @Test(
        arguments: [
            ("", JSONSyntaxError.Kind.unexpectedEnd, 0), ("  ", .unexpectedEnd, 2),
            ("nul", .unexpectedEnd, 3), ("nulL", .unexpectedByte(0x4C), 3),
            ("True", .unexpectedByte(0x54), 0), ("[1,]", .unexpectedByte(0x5D), 3),
            ("[,1]", .unexpectedByte(0x2C), 1), ("[1 2]", .unexpectedByte(0x32), 3),
            ("[1", .unexpectedEnd, 2), ("{\"a\" 1}", .unexpectedByte(0x31), 5),
            ("{\"a\":1,}", .unexpectedByte(0x7D), 7), ("{a:1}", .unexpectedByte(0x61), 1),
            ("{'a':1}", .unexpectedByte(0x27), 1), ("{\"a\":1", .unexpectedEnd, 6),
            ("01", .badNumber, 1), ("-", .unexpectedEnd, 1), ("1.", .unexpectedEnd, 2),
            ("1.x", .badNumber, 2), ("1e", .unexpectedEnd, 2), ("+1", .unexpectedByte(0x2B), 0),
            (".5", .unexpectedByte(0x2E), 0), ("NaN", .unexpectedByte(0x4E), 0),
            ("0x1", .trailingBytes, 1), ("1 2", .trailingBytes, 2), ("{}{}", .trailingBytes, 2),
            ("\"a", .unexpectedEnd, 2), ("\"\\x\"", .badEscape, 1), ("\"\\u12g4\"", .badEscape, 5),
            ("\"\\uD800\"", .loneSurrogate, 1), ("\"\\uDC00\"", .loneSurrogate, 1),
            ("\"\\uD800\\u0041\"", .loneSurrogate, 1), ("\"a\nb\"", .controlCharacter(0x0A), 2),
            ("{\"a\":1,\"b\":2,\"a\":3}", .duplicateKey("a"), 13),
            ("{\"a\":1,\"\\u0061\":3}", .duplicateKey("a"), 7),
            ("// c\n1", .unexpectedByte(0x2F), 0),
            ("\u{FEFF}1", .unexpectedByte(0xEF), 0),
        ] as [(String, JSONSyntaxError.Kind, Int)])
    func `everything else is refused by kind and place`(
        text: String, kind: JSONSyntaxError.Kind, offset: Int
    ) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
        #expect(error?.kind == kind)
        #expect(error?.offset == offset)
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xF0, 0x82, 0x82],
            [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80], [0xE2, 0x82], [0xFF], [0xFE],
        ] as [[UInt8]])
    func `ill-formed UTF-8 is refused wherever it stands`(bytes: [UInt8]) {
        for padding in 0...16 {
            let plain = [UInt8](repeating: 0x61, count: padding)
            for tail in [0, 9] {
                let text = [0x22] + plain + bytes + [UInt8](repeating: 0x62, count: tail) + [0x22]
                let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
                #expect(error?.kind == .invalidUTF8)
                #expect(error?.offset == padding + 1)
            }
        }
    }

    @Test func `depth and length have limits`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONValue(parsing: nested(64))
        let deep = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(65)) }
        #expect(deep?.kind == .tooDeep(limit: 64) && deep?.offset == 64)
        let endless = String(repeating: "{\"a\":", count: 200_000)
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: endless) }
        let limits = JSONLimits(maxBytes: 4)
        _ = try JSONValue(parsing: "1234", limits: limits)
        let long = #expect(throws: JSONSyntaxError.self) {
            try JSONValue(parsing: "12345", limits: limits)
        }
        #expect(long?.kind == .tooLong(limit: 4))
    }

    @Test func `an error says where in lines and columns`() {
        let error = #expect(throws: JSONSyntaxError.self) {
            try JSONValue(parsing: "{\n  \"a\": 1,\n  \"a\": 2\n}")
        }
        #expect(error?.line == 3 && error?.column == 3)
        #expect(error?.description == "the member \"a\" is there twice at line 3, column 3")
    }

    /// Every byte of a valid text replaced by every other: never a trap, and what is accepted
    /// means the same after it was written and read again.
    @Test func `no change of one byte can break the reader`() throws {
        let text = Array("{\"a\\u00e9é\":[-1.5e3,true,null,\"x\\ny\"],\"b\":{}}".utf8)
        var accepted = 0
        for place in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[place] = byte
                guard let value = try? JSONValue(parsing: changed) else { continue }
                accepted += 1
                #expect(try JSONValue(parsing: value.encoded()) == value)
            }
        }
        #expect(accepted > text.count)
    }
}
