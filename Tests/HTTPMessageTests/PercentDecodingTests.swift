import HTTPMessage
import TestSupport
import Testing

struct PercentDecodingTests {
    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("%41", "A"), ("a%20b", "a b"), ("a+b", "a+b"),
        ("%c3%BC", "ü"), ("ü", "ü"), ("%25", "%"), ("%2F", "/"), ("%2541", "%41"), ("%", nil),
        ("%4", nil), ("a%4", nil), ("%zz", nil), ("%4g", nil), ("%%41", nil), ("%+1", nil),
        ("%00", nil), ("a%00b", nil), ("%ff", nil), ("%c3", nil), ("%c0%af", nil),
        ("%ed%a0%80", nil), ("%f4%90%80%80", nil),
    ] as [(String, String?)])
    func `a segment is decoded strictly or refused`(sent: String, meant: String?) throws {
        if let meant {
            #expect(try PercentDecoding.decode(sent) == meant)
        } else {
            #expect(throws: PercentDecodingError.self) { try PercentDecoding.decode(sent) }
        }
    }

    @Test func `faults say what is wrong and where`() {
        #expect(throws: PercentDecodingError.badEscape(offset: 1)) {
            try PercentDecoding.decode("a%2")
        }
        #expect(throws: PercentDecodingError.badEscape(offset: 3)) {
            try PercentDecoding.decode("%41%x")
        }
        #expect(throws: PercentDecodingError.holdsNUL) { try PercentDecoding.decode("%00") }
        #expect(throws: PercentDecodingError.notUTF8) { try PercentDecoding.decode("%fe") }
    }

    @Test(arguments: [
        ("", []), ("a", ["a="]), ("a=", ["a="]), ("a=b=c", ["a=b=c"]), ("a=1&a=2", ["a=1", "a=2"]),
        ("&a&&b=%26&", ["a=", "b=&"]), ("a+b=c+d", ["a b=c d"]), ("%61=%2B", ["a=+"]),
    ] as [(String, [String])])
    func `queries are split before they are decoded`(raw: String, pairs: [String]) throws {
        #expect(try PercentDecoding.query(raw).map { $0.name + "=" + $0.value } == pairs)
    }

    @Test(arguments: ["a=%", "%zz=1", "a=%00", "a=1&b=%ff"])
    func `a query with a fault is refused whole`(raw: String) {
        #expect(throws: PercentDecodingError.self) { try PercentDecoding.query(raw) }
    }

    @Test func `what is escaped comes back, for any bytes of text`() throws {
        var generator = Seed(7)
        for _ in 0..<2000 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<Int(generator.next() % 12)).compactMap { _ in
                        Unicode.Scalar(UInt32(1 + generator.next() % 0x10ffff))
                    }))
            let escaped = text.utf8.map { byte in
                (byte < 16 ? "%0" : "%") + String(byte, radix: 16)
            }.joined()
            #expect(try PercentDecoding.decode(escaped) == text)
        }
    }
}
