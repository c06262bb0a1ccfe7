import HTTPMessage
import HTTPTypes
import Testing

struct RequestHeadersTests {
    static let sent: [(name: String, value: String)] = [
        ("Host", "example.com"), ("X-Empty", ""), ("ACCEPT", "a"), ("accept", "b, c"),
        ("If-Match", "\"7\""),
    ]

    @Test(arguments: [
        (HTTPField.Name("host")!, Optional("example.com")), (.accept, "a"), (.ifMatch, "\"7\""),
        (HTTPField.Name("x-empty")!, ""), (.cookie, nil), (HTTPField.Name("x-empt")!, nil),
        (HTTPField.Name("x-emptyy")!, nil),
    ])
    func `the first header of a name is found whatever its case`(
        name: HTTPField.Name, value: String?
    ) {
        #expect(RequestHeaders(Self.sent)[name] == value)
    }

    @Test(arguments: [
        (HTTPField.Name("host")!, "exam" as StaticString, true), (HTTPField.Name("host")!, "", true),
        (HTTPField.Name("host")!, "example.com", true), (HTTPField.Name("host")!, "xample", false),
        (HTTPField.Name("host")!, "example.com.", false), (.accept, "b", false), (.cookie, "", false),
    ])
    func `the first header of a name is compared without a copy`(
        name: HTTPField.Name, start: StaticString, isFound: Bool
    ) {
        #expect(RequestHeaders(Self.sent).value(of: name, startsWith: start) == isFound)
    }

    @Test func `headers know how they are spelled`() {
        let flat = Array("A\0 1\0b\0\0".utf8)
        let headers = RequestHeaders(flat: flat)
        #expect(flat.withUnsafeBytes { headers.isSpelled($0) })
        #expect(!flat.dropLast().withUnsafeBytes { headers.isSpelled($0) })
        #expect(!Array("A\0 2\0b\0\0".utf8).withUnsafeBytes { headers.isSpelled($0) })
        #expect([].withUnsafeBytes { RequestHeaders().isSpelled($0) })
    }

    @Test func `all values of a name come in order and unsplit`() {
        #expect(RequestHeaders(Self.sent).values(of: .accept) == ["a", "b, c"])
        #expect(RequestHeaders(Self.sent).values(of: .cookie).isEmpty)
    }

    @Test func `every header is listed as sent`() {
        let all = RequestHeaders(Self.sent).all
        #expect(all.map(\.name) == Self.sent.map(\.name))
        #expect(all.map(\.value) == Self.sent.map(\.value))
    }

    @Test func `no headers hold nothing`() {
        #expect(RequestHeaders().all.isEmpty)
        #expect(RequestHeaders(flat: [])[.accept] == nil)
    }

    @Test func `the flat form is what the pairs make`() {
        let flat = RequestHeaders(flat: Array("A\0 1\0b\0\0".utf8))
        #expect(flat.all.map(\.name) == ["A", "b"])
        #expect(flat[HTTPField.Name("B")!] == "")
        #expect(flat[HTTPField.Name("a")!] == " 1")
    }
}
