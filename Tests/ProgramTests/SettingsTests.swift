import HTTPServer
import JSONText
import Logging
import Testing

@testable import kong_rollouts

@Suite struct SettingsTests {
    static func file(_ text: String) throws -> SettingsLayer {
        try SettingsLayer(file: Array(text.utf8), named: "config.json")
    }

    static func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test func `flags win over the environment, the environment over the file`() throws {
        let file = try Self.file(#"{"listen": "127.0.0.1:1", "data": "/f", "log_level": "debug"}"#)
        let environment = try SettingsLayer(environment: [
            "KONG_ROLLOUTS_LISTEN": "127.0.0.1:2", "KONG_ROLLOUTS_DATA": "/e", "HOME": "/h",
        ])
        var flags = SettingsLayer()
        flags.listen = "127.0.0.1:3"
        let settings = try Settings(flags.over(environment).over(file), usesSandbox: true)
        #expect(settings.listen == .tcp(host: "127.0.0.1", port: 3))
        #expect(settings.data == "/e")
        #expect(settings.logLevel == .debug)
    }

    @Test(arguments: [
        (#"{"lisen": "x"}"#, "config.json#/lisen: no such setting"),
        (#"{"listen": 1}"#, "config.json#/listen: must be a string, is"),
        (#"{"tokens": {}}"#, "config.json#/tokens: must be an array of objects"),
        (#"{"tokens": [{"name": "ci"}]}"#, "config.json#/tokens/0/role: required"),
        (#"{"gateways": [{"name": "a"}]}"#, "config.json#/gateways/0/admin: required"),
        (#"{"defaults": {"drain": "-5m"}}"#, "config.json#/defaults/drain"),
        (#"{"defaults": {"steps": [20, 10]}}"#, "config.json#/defaults/steps"),
        (#"{"data": "a", "data": "b"}"#, "config.json: "),
        (#"{"#, "config.json: "),
    ])
    func `a fault in the file is named with its place`(row: (text: String, fault: String)) {
        let message = Self.message { _ = try Self.file(row.text) }
        #expect(message.hasPrefix(row.fault), "\(message)")
    }

    @Test func `a secret of the environment goes to the gateway that a flag names`() throws {
        var flags = SettingsLayer()
        flags.gateways = [SettingsLayer.Gateway(admin: ["http://k:8001"])]
        let environment = try SettingsLayer(environment: ["KONG_ROLLOUTS_KONG_TOKEN": "s3cret"])
        let settings = try Settings(flags.over(environment), usesSandbox: false)
        #expect(settings.gateways.map(\.token) == ["s3cret"])
        let message = Self.message { _ = try Settings(environment, usesSandbox: false) }
        #expect(message.hasPrefix("KONG_ROLLOUTS_KONG_TOKEN"))
    }

    @Test func `a misspelt variable is an error`() {
        let message = Self.message {
            _ = try SettingsLayer(environment: ["KONG_ROLLOUTS_LISTN": "x"])
        }
        #expect(message.hasPrefix("KONG_ROLLOUTS_LISTN: no such setting"))
    }

    @Test func `without a gateway both ways to one are named`() {
        let message = Self.message { _ = try Settings(SettingsLayer(), usesSandbox: false) }
        #expect(message.contains("--kong") && message.contains("--sandbox"))
    }

    @Test(arguments: ["0.0.0.0:8080", "[::]:8080", "10.0.0.1:80"])
    func `without tokens only loopback is listened on`(address: String) {
        var layer = SettingsLayer()
        layer.listen = address
        let message = Self.message { _ = try Settings(layer, usesSandbox: true) }
        #expect(message.contains("without tokens"))
    }

    @Test(arguments: ["8080", "host:", ":80", "host:99999"])
    func `an address that is none is refused`(address: String) {
        #expect(Self.message { _ = try Settings.address(address) }.hasPrefix("listen"))
    }

    @Test func `the printed configuration hides every secret`() throws {
        let layer = try Self.file(
            """
            {"gateways": [{"name": "eu", "admin": ["http://k:8001"], "token": "s3cret",
              "bearer": "s3cret", "headers": {"X-Key": "s3cret"}}],
             "tokens": [{"name": "ci", "role": "operator", "sha256": "s3cret"}],
             "defaults": {"progress_deadline": null, "steps": [12.5, 100]}}
            """)
        let text = String(
            decoding: try Settings(layer, usesSandbox: false).text, as: UTF8.self)
        #expect(!text.contains("s3cret"))
        #expect(text.contains("***") && text.contains("\"X-Key\""))
        #expect(text.contains("\"progress_deadline\":null") && text.contains("12.5"))
    }

    @Test func `a token's digest and role are checked at the start`() throws {
        let layer = try Self.file(
            #"{"tokens": [{"name": "ci", "role": "root", "sha256": "00"}]}"#)
        let settings = try Settings(layer, usesSandbox: true)
        #expect(Self.message { _ = try settings.accepted() }.hasPrefix("tokens/0/role"))
    }

    @Test func `request ids are UUIDs of version 4, and never the same`() {
        let ids = (0..<100).map { _ in RandomID.next() }
        for id in ids {
            #expect(
                id.wholeMatch(
                    of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/)
                    != nil, "\(id)")
        }
        #expect(Set(ids).count == ids.count)
    }
}
