@testable import API
import HTTPMessage
import HTTPTypes
import Rollouts
import Testing

@Suite struct IdempotencyKeysTests {
    static let now = Timestamp(milliseconds: 1_000_000)

    func answer(_ fingerprint: String, expiresAfter seconds: Int64 = 100) -> RememberedAnswer {
        RememberedAnswer(
            fingerprint: fingerprint, Response(status: .ok, body: .bytes(Array("{}".utf8))),
            rollout: nil, expires: Self.now.advanced(byMilliseconds: seconds * 1000))
    }

    func word(_ finding: IdempotencyKeys.Finding) -> String {
        switch finding {
        case .free: "free"
        case .inUse: "in use"
        case .differs: "differs"
        case .answered: "answered"
        }
    }

    @Test func `only so many answers are kept, and the oldest goes first`() {
        let keys = IdempotencyKeys(kept: [], at: Self.now, limit: 3)
        for number in 0..<5 {
            #expect(word(keys.look("k\(number)", fingerprint: "f", at: Self.now)) == "free")
            keys.finish("k\(number)", answer("f"))
        }
        #expect(word(keys.look("k4", fingerprint: "f", at: Self.now)) == "answered")
        #expect(word(keys.look("k2", fingerprint: "f", at: Self.now)) == "answered")
        #expect(word(keys.look("k1", fingerprint: "f", at: Self.now)) == "free")
    }

    @Test func `what has expired is not restored, nor what cannot be read`() {
        let good = answer("f").kept(under: "good")
        let old = answer("f", expiresAfter: 0).kept(under: "old")
        let broken = KeptAnswer(
            key: "broken", json: Array("{\"status\":500}".utf8), expires: good.expires)
        let keys = IdempotencyKeys(kept: [good, old, broken], at: Self.now)
        #expect(word(keys.look("good", fingerprint: "f", at: Self.now)) == "answered")
        #expect(word(keys.look("good", fingerprint: "g", at: Self.now)) == "differs")
        #expect(word(keys.look("old", fingerprint: "f", at: Self.now)) == "free")
        #expect(word(keys.look("broken", fingerprint: "f", at: Self.now)) == "free")
    }

    @Test func `requests that differ in anything have different fingerprints`() {
        func print(
            _ method: HTTPRequest.Method, _ path: String, _ query: String?, _ body: String
        ) -> String {
            IdempotencyKeys.fingerprint(
                of: Request(method: method, path: path, query: query, body: Array(body.utf8)))
        }
        let prints = [
            print(.post, "/a", nil, "b"), print(.patch, "/a", nil, "b"),
            print(.post, "/ab", nil, ""), print(.post, "/a", "b", ""), print(.post, "/", "ab", ""),
            print(.post, "/a", nil, "c"), print(.post, "/a", "", "b1:b"),
        ]
        #expect(Set(prints).count == prints.count)
        #expect(print(.post, "/a", nil, "b") == prints[0])
    }

    @Test func `an actor's name cannot be moved into its key`() {
        let one = IdempotencyKeys.key("b:c", of: Actor(name: "a", role: .admin))
        let other = IdempotencyKeys.key("c", of: Actor(name: "a:b", role: .admin))
        #expect(one != other)
    }
}
