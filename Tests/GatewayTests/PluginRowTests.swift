import Foundation
import KongAdmin
import Testing

@testable import Gateway

/// Plugins as Kong's Admin API shows them.
@Suite struct PluginRowTests {
    private func row(_ name: String, config: String, more: String = "") throws -> PluginRow {
        let text = """
            {"id":"p1","name":"\(name)","enabled":true,"protocols":["http"],"created_at":1,
             "tags":["kong-rollouts"],"route":{"id":"r1"},"service":null,"consumer":null,
             \(more) "config":\(config)}
            """
        return PluginRow(try JSONDecoder().decode(Plugin.self, from: Data(text.utf8)))
    }

    private static let wanted = LogColumns(
        endpoint: "http://h/v1/telemetry/kong/a/s", timeout: 2000,
        queue: .batches(.init(size: 200, delay: 0.2)))

    @Test func `what was written to a new Kong is read back as the same`() throws {
        let row = try row(
            "http-log",
            config: """
                {"http_endpoint":"http://h/v1/telemetry/kong/a/s","method":"POST","headers":null,
                 "content_type":"application/json","timeout":2000,"keepalive":60000,
                 "retry_count":null,"queue_size":null,"flush_timeout":null,
                 "custom_fields_by_lua":null,
                 "queue":{"max_batch_size":200,"max_coalescing_delay":0.2,"max_entries":10000,
                  "max_bytes":null,"max_retry_time":60,"initial_retry_delay":0.01,
                  "max_retry_delay":60,"concurrency_limit":1}}
                """)
        #expect(row.columns == .log(Self.wanted))
        #expect(row.isOf("r1") && row.isOurs)
    }

    @Test func `what was written to an old Kong is read back as the same`() throws {
        let row = try row(
            "http-log",
            config: """
                {"http_endpoint":"http://h/x","method":"POST","content_type":"application/json",
                 "timeout":2000,"keepalive":60000,"retry_count":10,"queue_size":200,
                 "flush_timeout":0.2,"headers":{"x-a":["1","2"]}}
                """)
        #expect(
            row.columns
                == .log(
                    LogColumns(
                        endpoint: "http://h/x", timeout: 2000, headers: ["x-a": "1"],
                        queue: .flushes(size: 200, delay: 0.2, retries: 10))))
    }

    @Test func `older columns on a new Kong count before its queue`() throws {
        let row = try row(
            "http-log",
            config: #"{"http_endpoint":"http://h/x","queue_size":5,"queue":{"max_batch_size":1}}"#)
        guard case .log(let log) = row.columns else {
            Issue.record("no log")
            return
        }
        #expect(log.queue == .flushes(size: 5, delay: 2, retries: 10))
        let call = KongWrite.updatePlugin(
            id: "p1", .log(Self.wanted), present: row.columns, tags: ["a"]
        ).call
        let body = String(decoding: call.body ?? [], as: UTF8.self)
        #expect(body.contains(#""retry_count":null,"queue_size":null,"flush_timeout":null"#))
    }

    @Test func `Lua is read by phase, and what is not wanted is emptied`() throws {
        let row = try row(
            "post-function",
            config: #"{"access":["a"],"header_filter":["b"],"log":[],"certificate":{}}"#,
            more: #""consumer_group":{"id":"g1"},"#)
        #expect(row.columns == .function(["access": ["a"], "header_filter": ["b"]]))
        #expect(row.consumerID == "g1")
        #expect(!row.isOf("r1"))
        let call = KongWrite.updatePlugin(
            id: "p1", .function(["header_filter": ["c"]]), present: row.columns, tags: ["t"]
        ).call
        #expect(call.method == "PATCH" && call.path == "/plugins/p1")
        #expect(
            String(decoding: call.body ?? [], as: UTF8.self)
                == #"{"config":{"header_filter":["c"],"access":[]},"enabled":true,"tags":["t"]}"#)
    }
}
