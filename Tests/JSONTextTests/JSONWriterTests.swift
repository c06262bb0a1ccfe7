import JSONText
import Testing

@Suite struct JSONWriterTests {
    @Test func `commas come by themselves`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.value(1)
        writer.key("b")
        writer.beginArray()
        writer.value("x")
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.value(true)
        writer.null()
        writer.number(hundredths: 1970)
        writer.raw(Array("[0]".utf8))
        writer.endArray()
        writer.key("c\"" as String)
        writer.value(Int.min)
        writer.key("d")
        writer.value(nil as String?)
        writer.endObject()
        let expected =
            #"{"a":1,"b":["x",{},[],true,null,19.7,[0]],"c\"":-9223372036854775808,"d":null}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test func `every character survives at every place of a word`() throws {
        for code in UInt32(0)...0x17F {
            let scalar = try #require(Unicode.Scalar(code))
            for padding in 0..<9 {
                let text =
                    String(repeating: "p", count: padding) + String(Character(scalar)) + "tail"
                let value = JSONValue.string(text)
                #expect(try JSONValue(parsing: value.encoded()) == value, "U+\(code) at \(padding)")
            }
        }
    }

    @Test func `control characters are escaped in their short form`() {
        let text = JSONValue.string("\u{0}\u{1F}\u{8}\t\n\u{C}\r\"\\/é").description
        #expect(text == #""\u0000\u001f\b\t\n\f\r\"\\/é""#)
    }

    @Test func `sorted keys follow their bytes`() {
        let value: JSONValue = ["b": 1, "a": ["z": 1, "é": 2, "B": 3], "A": []]
        let text = String(decoding: value.encoded(sortedKeys: true), as: UTF8.self)
        #expect(text == #"{"A":[],"a":{"B":3,"z":1,"é":2},"b":1}"#)
    }
}
