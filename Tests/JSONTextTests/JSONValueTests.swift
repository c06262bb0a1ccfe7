import JSONText
import Testing

@Suite struct JSONValueTests {
    @Test(
        arguments: [
            ("12.34", 2, 1234), ("12.3", 2, 1230), ("1e1", 0, 10), ("1e-2", 2, 1), ("100", -2, 1),
            ("0.01", 2, 1), ("-5.5", 1, -55), ("0", 2, 0), ("-0.0", 0, 0),
            ("0e999999999999999999", 2, 0),
            ("1.50000", 1, 15), ("9223372036854775807", 0, Int.max),
            ("-9223372036854775808", 0, Int.min),
            ("12.345", 2, nil), ("0.001", 2, nil), ("9223372036854775808", 0, nil),
            ("1e19", 0, nil),
            ("1e99999999999999999999", 0, nil), ("1e-99999999999999999999", 2, nil),
        ] as [(String, Int, Int?)])
    func `numbers scale exactly or not at all`(literal: String, decimals: Int, scaled: Int?) throws
    {
        let number = try #require(try JSONValue(parsing: literal).number)
        #expect(number.literal == literal)
        #expect(number.scaled(by: decimals) == scaled)
    }

    @Test(arguments: [
        (0, "0.0"), (5, "0.05"), (50, "0.5"), (1234, "12.34"), (2000, "20.0"),
        (10_000, "100.0"), (-5, "-0.05"), (-1234, "-12.34"),
    ])
    func `hundredths have one text`(hundredths: Int, text: String) {
        let number = JSONNumber(hundredths: hundredths)
        #expect(number.literal == text)
        #expect(number.scaled(by: 2) == hundredths)
    }

    @Test(arguments: [("20", "20.0"), ("2e1", "20"), ("-0", "0"), ("0.10", "1e-1")])
    func `numbers of one value are equal`(one: String, other: String) throws {
        let (one, other) = (try JSONValue(parsing: one), try JSONValue(parsing: other))
        #expect(one == other)
        #expect(one.number?.hashValue == other.number?.hashValue)
    }

    @Test func `doubles keep their value`() throws {
        for value in [0.1, -1.5, 1e300, .leastNonzeroMagnitude, 3.0, 123_456_789.123] {
            let number = try #require(JSONNumber(value))
            #expect(try JSONValue(parsing: number.literal).double == value)
        }
        #expect(JSONNumber(Double.nan) == nil && JSONNumber(Double.infinity) == nil)
        #expect(try JSONValue(parsing: "1e400").double == nil)
    }

    @Test func `objects keep order, find names, and forget it when compared`() throws {
        var object = JSONObject()
        for number in 0..<40 { object["n\(number)"] = .number(JSONNumber(number)) }
        #expect(object.names == (0..<40).map { "n\($0)" })
        object["n7"] = nil
        #expect(object.count == 39 && object["n7"] == nil && object["n39"]?.int == 39)
        object["n0"] = "zero"
        #expect(object.names.first == "n0" && object["n0"] == "zero")
        #expect(JSONObject([("a", 1), ("b", 2)]) == JSONObject([("b", 2), ("a", 1)]))
        #expect(JSONObject([("a", 1)]) != JSONObject([("a", nil)]))
        // One character to Swift, two names to JSON.
        #expect(JSONValue.object(["é": 1]) != .object(["e\u{301}": 1]))
    }

    /// RFC 7396, appendix A, whole.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#), (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
        (#"{"a":"foo"}"#, "null", "null"), (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
    func `merge patches do as their RFC says`(target: String, patch: String, result: String) throws
    {
        let merged = try JSONValue(parsing: target).merging(try JSONValue(parsing: patch))
        #expect(merged == (try JSONValue(parsing: result)))
    }

    @Test func `pointers escape and lead back`() throws {
        let pointer = JSONPointer.root.appending("a/b").appending("m~n").appending(0)
        #expect(pointer.description == "/a~1b/m~0n/0" && JSONPointer.root.description.isEmpty)
        let value = try JSONValue(parsing: #"{"a/b":{"m~n":["here"]}}"#)
        #expect(value[pointer]?.string == "here")
        #expect(value[pointer.appending("further")] == nil)
    }
}
