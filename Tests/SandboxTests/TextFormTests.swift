import Testing

@testable import Sandbox

@Suite struct TextFormTests {
    @Test(
        arguments: [
            ("host", "host:8000"), ("host:1", "host:1"), ("010.0.0.1:80", "10.0.0.1:80"),
            ("[::1]:9103", "[0000:0000:0000:0000:0000:0000:0000:0001]:9103"),
            ("fe80::1", "[fe80:0000:0000:0000:0000:0000:0000:0001]:8000"),
            ("1:2:3:4:5:6:7:8", "[0001:0002:0003:0004:0005:0006:0007:0008]:8000"),
        ])
    func `a target is written as Kong writes it`(_ text: String, _ expected: String) throws {
        #expect(try HostAddress(text).formatted(defaultPort: 8000) == expected)
    }

    @Test(
        arguments: [
            "", "a b", "huh\nhuh", "1.2.3", "300.1.1.1", "h:", "h:x", "h:65536", "::1::2", "[::1",
            "1:2:3:4:5:6:7:8:9", ".a", "a..b",
        ])
    func `what is no host is refused`(_ text: String) {
        #expect(throws: HostAddress.Refusal.self) { try HostAddress(text) }
    }

    @Test(
        arguments: [
            (Entity.services, "rec-svc", "6a1a90fb-0269-52e0-8d3b-efa9237164e5"),
            (.upstreams, "rec-up", "70ebc8be-1582-585c-ad9c-9b19487cf838"),
            (
                .targets, "targets:*:70ebc8be-1582-585c-ad9c-9b19487cf838:127.0.0.1:9101",
                "aa725984-b04a-5953-85fa-1bb17f7fcb8d"
            ), (.routes, "rec-route", "8992dacd-7b6f-547c-9aaf-861e8435a04a"),
        ])
    func `an entity without an id gets the id that Kong would give it`(
        _ entity: Entity, _ name: String, _ id: String
    ) {
        #expect(DeclarativeDocument.identity(entity, name) == id)
    }

    @Test func `SHA-1 gives the digests of its standard`() {
        func hex(_ text: String) -> String {
            SHA1.digest(of: Array(text.utf8)).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        }
        #expect(hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    }

    @Test func `no two times are the same millisecond`() {
        let time = RisingTime()
        let stamps = (0..<500).map { _ in (time.next() * 1000).rounded() }
        #expect(Set(stamps).count == 500)
        #expect(stamps == stamps.sorted())
    }

    @Test func `base64url comes back, with and without padding`() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8($0 * 7 % 256) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        #expect(Base64URL.decode("WyJh") == Array(#"["a"#.utf8))
        #expect(Base64URL.decode("x") == nil)
        #expect(Base64URL.decode("a!") == nil)
    }

    @Test func `tables print as in Kong's messages`() {
        let value = LuaValue.table([
            "target": "h:1", "upstream": .table(["id": "x"]), "@entity": .array(["a", "b"]),
            "consumer": .null,
        ])
        let expected = #"{["@entity"]={"a","b"},consumer=null,target="h:1",upstream={id="x"}}"#
        #expect(value.pretty() == expected)
    }

    @Test func `a ring keeps its users when a weight is raised`() {
        let small = HashRing(addresses: [("a", 90), ("b", 10)])
        let large = HashRing(addresses: [("a", 90), ("b", 40)])
        var moved = 0
        for user in 0..<2000 {
            let before = small.address(for: "u\(user)", where: { _ in true })
            let after = large.address(for: "u\(user)", where: { _ in true })
            if before == 1 { #expect(after == 1) }
            if before != after { moved += 1 }
        }
        #expect((200...600).contains(moved))
    }
}
