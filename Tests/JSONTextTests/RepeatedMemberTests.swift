import JSONText
import Testing

@Suite struct RepeatedMemberTests {
    private func read(
        _ text: String, _ member: inout RepeatedMember
    ) throws -> (value: JSONValue, isRepeated: Bool) {
        let value = try JSONValue(parsing: Array(text.utf8), repeating: &member)
        return (value, member.isRepeated)
    }

    @Test func `a value that stands there again is passed over, another is read`() throws {
        var member = RepeatedMember("policy")
        let texts = [
            (#"{"a":1,"policy":{"x":[1,"}"]},"b":2}"#, false),
            (#"{"a":3,"policy":{"x":[1,"}"]},"b":4}"#, true),
            (#"{"a":3,"policy":{"x":[1,"}"] },"b":4}"#, false),
            (#"{"a":3,"policy":{"x":[1,"}"]},"b":4}"#, false),
            (#"{"a":3,"b":4}"#, false),
            (#"{"policy":{"x":[1,"}"]}}"#, true),
        ]
        for (text, isRepeated) in texts {
            let found = try read(text, &member)
            #expect(found.isRepeated == isRepeated)
            var whole = try JSONValue(parsing: text).object ?? JSONObject()
            if isRepeated { whole["policy"] = .null }
            #expect(found.value == .object(whole))
        }
    }

    @Test(arguments: [#""x""#, "7", "[{}]", "null", "true"])
    func `only objects are passed over`(value: String) throws {
        var member = RepeatedMember("policy")
        for _ in 0..<2 {
            let found = try read(#"{"policy":\#(value)}"#, &member)
            #expect(!found.isRepeated)
            #expect(try found.value == JSONValue(parsing: #"{"policy":\#(value)}"#))
        }
    }

    @Test func `what is behind a repeated value is judged as strictly as ever`() throws {
        var member = RepeatedMember("policy")
        _ = try read(#"{"policy":{"x":1}}"#, &member)
        for text in [#"{"policy":{"x":1}"#, #"{"policy":{"x":1}}}"#, #"{"policy":{"x":1},}"#] {
            #expect(throws: JSONSyntaxError.self) { try read(text, &member) }
        }
        #expect(try read(#"{"policy":{"x":1}}"#, &member).isRepeated)
    }

    @Test func `names are told apart by all their bytes`() throws {
        let names = [
            "", "a", "abcdefgh", "abcdefghi", "abcdefghijklmno", "abcdefghijklmnop",
            "abcdefgh-1-ijklmno", "abcdefgh-2-ijklmno", "é", "e\u{301}", "\u{0}", "\u{0}\u{0}",
        ]
        var object = JSONObject()
        for (place, name) in names.enumerated() { object[name] = .number(JSONNumber(place)) }
        #expect(object.count == names.count)
        for (place, name) in names.enumerated() { #expect(object[name]?.int == place) }
        #expect(object["abcdefgh-3-ijklmno"] == nil)
    }
}
