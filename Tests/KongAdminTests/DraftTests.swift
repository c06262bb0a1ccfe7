import Foundation
import Testing

@testable import KongAdmin

@Suite struct DraftTests {
    private func text(_ draft: some Draft) -> String { String(decoding: draft.body(), as: UTF8.self) }

    @Test func `an unset column is not sent and a null one is`() {
        #expect(text(ServiceDraft()) == "{}")
        #expect(text(ServiceDraft(path: .null)) == #"{"path":null}"#)
        #expect(text(ServiceDraft(path: "/v2", tags: [])) == #"{"path":"/v2","tags":[]}"#)
        #expect(text(TargetDraft(weight: 0)) == #"{"weight":0}"#)
    }

    @Test func `keys are sorted`() {
        let draft = UpstreamDraft(name: "models", algorithm: "round-robin", slots: 100, tags: ["b", "a"])
        #expect(
            text(draft)
                == #"{"algorithm":"round-robin","name":"models","slots":100,"tags":["b","a"]}"#)
    }

    @Test func `references are sent by id or by name`() {
        #expect(
            text(RouteDraft(headers: .value(["x-a": ["1"]]), service: .value(.name("models"))))
                == #"{"headers":{"x-a":["1"]},"service":{"name":"models"}}"#)
        #expect(
            text(PluginDraft(name: "cors", config: ["a": [1, 0.5, nil, true]], route: .value(.id("x"))))
                == #"{"config":{"a":[1,0.5,null,true]},"name":"cors","route":{"id":"x"}}"#)
    }

    @Test func `an encoder says the same as the body`() throws {
        let draft = ServiceDraft(name: "a\"\\\n\u{1}é🙂/", port: 80, path: .null)
        let encoded = try JSONEncoder().encode(draft)
        let one = try JSONDecoder().decode(AdminJSON.self, from: encoded)
        let other = try JSONDecoder().decode(AdminJSON.self, from: Data(draft.body()))
        #expect(one == other)
        #expect(one["name"]?.text == "a\"\\\n\u{1}é🙂/")
        #expect(one["path"] == .null)
    }

    @Test func `a number that is not finite becomes null`() {
        #expect(AdminJSON.array([.number(.nan), .number(.infinity)]).bytes() == Array("[null,null]".utf8))
    }

    @Test(arguments: [
        ("[::1]:80", "%5B::1%5D:80"), ("a b", "a%20b"), ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("100%", "100%25"), ("é\n", "%C3%A9%0A"), ("10.0.0.7:80", "10.0.0.7:80"),
    ])
    func `keys are percent-encoded`(key: String, encoded: String) {
        let call = AdminCall.updateTarget(key, in: "models", TargetDraft(weight: 1))
        #expect(call.path == "/upstreams/models/targets/\(encoded)")
        #expect(call.bodyText == #"{"weight":1}"#)
        #expect(call.isAddressable)
    }

    @Test(arguments: ["", ".", ".."])
    func `a key that would name another path is not addressable`(key: String) {
        #expect(!AdminCall.deleteService(key).isAddressable)
        #expect(!AdminCall.deleteTarget("a:1", in: key).isAddressable)
    }

    @Test func `tag filters are joined as Kong reads them`() {
        #expect(
            AdminCall.services(tagged: .all(["a b", "c"]), page: Page(size: 5)).path
                == "/services?size=5&tags=a%20b,c")
        #expect(
            AdminCall.routes(tagged: .any(["a", "b:c"]), page: Page(size: 5, offset: "x=")).path
                == "/routes?size=5&tags=a/b:c&offset=x%3D")
    }
}
