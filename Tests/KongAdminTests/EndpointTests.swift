import Testing

@testable import KongAdmin

@Suite struct EndpointTests {
    @Test(arguments: [
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("https://kong.example.com:8444/team-a/", "https://kong.example.com:8444/team-a"),
        ("HTTP://[::1]:8001//a//b/", "http://[::1]:8001/a/b"),
        (
            "https://eu.api.konghq.com/v2/control-planes/x/core-entities",
            "https://eu.api.konghq.com/v2/control-planes/x/core-entities"
        ),
    ])
    func `the base path is kept without its last slash`(given: String, kept: String) throws {
        #expect(try AdminEndpoint(given).url == kept)
    }

    @Test(arguments: [
        ("", EndpointError.notAURL), ("kong:8001", .notAURL), ("/a", .notAURL),
        ("http://", .notAURL), ("http://a b/", .notAURL), ("http://a:99999", .notAURL),
        ("http://a/../b", .notAURL), ("ftp://a", .unsupportedScheme("ftp")),
        ("http://user:secret@a", .credentialsInURL), ("http://a/?x=1", .queryOrFragment),
        ("http://a/#x", .queryOrFragment),
    ])
    func `what is no endpoint is refused`(given: String, error: EndpointError) {
        #expect(throws: error) { try AdminEndpoint(given) }
    }

    @Test(arguments: [
        ("", "v"), ("a b", "v"), ("Host", "v"), ("content-length", "1"), ("x", "a\r\nb: c"), ("x", ""),
    ])
    func `a header that would break the message is refused`(name: String, value: String) {
        #expect(throws: EndpointError.unusableHeader(name: name)) {
            try AdminEndpoint("http://a", headers: [(name: name, value: value)])
        }
    }

    @Test func `secrets are not shown`() throws {
        let endpoint = try AdminEndpoint(
            "http://a", headers: [(name: "x-key", value: "hush-1")], token: "hush-2", bearer: "hush-3")
        var dumped = ""
        dump(endpoint, to: &dumped)
        for text in ["\(endpoint)", String(reflecting: endpoint), dumped] {
            #expect(!text.contains("hush"))
        }
    }
}
