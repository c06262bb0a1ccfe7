import Testing

@testable import kong_rollouts

@Suite struct RecordedBatchTests {
    static func read(_ text: String) throws -> RecordedBatch { try RecordedBatch(Array(text.utf8)) }

    @Test func `a line says what was posted, when, and of which versions`() throws {
        let batch = try Self.read(
            #"{"received_ms": 162.5, "body": [{"tries": []}], "stable": ["a:1"], "canary": ["b:2"]}"#)
        #expect(batch.receivedMilliseconds == 162)
        #expect(batch.body.map { String(decoding: $0, as: UTF8.self) } == #"[{"tries":[]}]"#)
        #expect(batch.stable == ["a:1"])
        #expect(batch.canary == ["b:2"])
    }

    @Test func `a line that is a body itself is taken as it stands`() throws {
        let line = #"[{"tries": [] }]"#
        let batch = try Self.read(line)
        #expect(batch.body.map { String(decoding: $0, as: UTF8.self) } == line)
        #expect(batch.receivedMilliseconds == nil)
    }

    @Test func `a line may name the versions alone`() throws {
        let batch = try Self.read(#"{"stable": ["a:1"], "canary": ["b:2"]}"#)
        #expect(batch.body == nil)
        #expect(batch.canary == ["b:2"])
    }

    @Test(arguments: [
        ("{", "is not JSON"), ("7", "neither an object nor an array"),
        (#"{"body": [], "received_ms": "soon"}"#, "received_ms must be"),
        (#"{"body": [], "stable": "a:1"}"#, "stable must be an array"),
        (#"{"body": [], "canary": [1]}"#, "canary must be an array"),
    ])
    func `what is no line of a recording is told in words`(line: (text: String, detail: String)) {
        let error = #expect(throws: RecordingFault.self) { try Self.read(line.text) }
        #expect(error?.detail.contains(line.detail) == true)
    }

    @Test func `labels stay within the quotes of a query`() {
        let query = #"rate(x{v="{{canary}}"}[1m]) / rate(x{v="{{stable}}"}[1m])"#
        #expect(
            PrometheusQuestions.filled(query, stable: "v6", canary: #"v7"} or up{a=""#)
                == #"rate(x{v="v7\"} or up{a=\""}[1m]) / rate(x{v="v6"}[1m])"#)
    }
}
