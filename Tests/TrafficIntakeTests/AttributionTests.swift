import Judgement
import Rollouts
import Testing

@testable import TrafficIntake

@Suite struct AttributionTests {
    struct Case: CustomTestStringConvertible {
        let what: String
        let record: Record
        /// Attempts, failures, hidden failures, first tries, answers.
        var stable = [0, 0, 0, 0, 0]
        var canary = [0, 0, 0, 0, 0]
        var foreign = 0
        var testDescription: String { what }
    }

    static let cases = [
        Case(what: "an answer", record: Record(), stable: [1, 0, 0, 1, 1]),
        Case(
            what: "an answer of 499", record: Record(status: "499", tries: [Record.canary]),
            canary: [1, 0, 0, 1, 1]),
        Case(
            what: "an answer of 500", record: Record(status: "500", tries: [Record.canary]),
            canary: [1, 1, 0, 1, 0]),
        Case(
            what: "a failed try that a retry hid",
            record: Record(
                upstream: "502, 200", tries: [Record.failed(Record.canary), Record.stable]),
            stable: [1, 0, 0, 0, 1], canary: [1, 1, 1, 1, 0]),
        Case(
            what: "a failed try without a state, before another",
            record: Record(tries: [Record.canary, Record.stable]),
            stable: [1, 0, 0, 0, 1], canary: [1, 1, 1, 1, 0]),
        Case(
            what: "all tries failed",
            record: Record(
                status: "502", upstream: "502, 502",
                tries: [Record.failed(Record.stable), Record.failed(Record.canary)]),
            stable: [1, 1, 0, 1, 0], canary: [1, 1, 0, 0, 0]),
        Case(
            what: "the same target three times",
            record: Record(
                tries: [
                    Record.failed(Record.canary), Record.failed(Record.canary), Record.canary,
                ]),
            canary: [3, 2, 2, 1, 1]),
        Case(
            what: "a last try with a state",
            record: Record(tries: [Record.failed(Record.canary)]), canary: [1, 1, 1, 1, 0]),
        Case(
            what: "an error of the model that a plugin of Kong turned into an answer",
            record: Record(upstream: "500", tries: [Record.canary]), canary: [1, 1, 1, 1, 0]),
        Case(
            what: "an answer of the model that a plugin of Kong failed on",
            record: Record(status: "500", upstream: "200", tries: [Record.canary]),
            canary: [1, 1, 0, 1, 0]),
        Case(
            what: "a retry by nginx inside", record: Record(upstream: "502 : 200"),
            stable: [1, 0, 0, 1, 1]),
        Case(what: "an upstream status of nothing", record: Record(upstream: "-"), stable: [1, 0, 0, 1, 1]),
        Case(what: "no peer", record: Record(status: "503", tries: [], proxy: "-1")),
        Case(
            what: "an answer that took no time to measure", record: Record(proxy: "-1"),
            stable: [1, 0, 0, 1, 0]),
        Case(
            what: "the last try's target by name",
            record: Record(target: "127.0.0.1:9402", tries: [#"{"ip":"10.9.9.9","port":1}"#]),
            canary: [1, 0, 0, 1, 1]),
        Case(
            what: "a name goes before an address, for the last try only",
            record: Record(target: "127.0.0.1:9402", tries: [Record.stable, Record.stable]),
            stable: [1, 1, 1, 1, 0], canary: [1, 0, 0, 0, 1]),
        Case(
            what: "a foreign name", record: Record(target: "127.0.0.1:9403"), foreign: 1),
        Case(
            what: "a foreign address", record: Record(tries: [#"{"ip":"127.0.0.2","port":9401}"#]),
            foreign: 1),
        Case(
            what: "another port", record: Record(tries: [#"{"ip":"127.0.0.1","port":94010}"#]),
            foreign: 1),
        Case(what: "a try of nothing", record: Record(tries: ["{}"]), foreign: 1),
        Case(
            what: "a try of other types",
            record: Record(tries: [#"{"ip":17,"port":"x","state":null}"#]), foreign: 1),
    ]

    @Test(arguments: cases)
    func `an attempt counts on its own target`(row: Case) {
        let scene = Scene()
        #expect(scene.receive(row.record.text) == .counted(1))
        #expect(RecordingTests.numbers(scene.step.stable) == row.stable)
        #expect(RecordingTests.numbers(scene.step.canary) == row.canary)
        #expect(scene.counts.foreign == row.foreign)
        #expect(scene.counts.malformed == 0)
    }

    @Test func `a host name's addresses come from Kong's health answer`() {
        let scene = Scene(
            Scene.traffic(
                stable: ["a.models:80"], canary: ["b.models:80"],
                addresses: [
                    "a.models:80": ["10.0.0.1:80", "10.0.0.2:80"], "b.models:80": ["10.0.0.3:80"],
                ]))
        for (ip, count) in [("10.0.0.1", 1), ("10.0.0.2", 2), ("10.0.0.3", 4), ("10.0.0.4", 8)] {
            let attempt = #"{"ip":"\#(ip)","port":80}"#
            scene.receive(Record.batch(Array(repeating: Record(tries: [attempt]), count: count)))
        }
        #expect(scene.step.stable.attempts == 3)
        #expect(scene.step.canary.attempts == 4)
        #expect(scene.counts.foreign == 8)
    }

    @Test func `records that name their target tell which addresses it has`() {
        let scene = Scene(Scene.traffic(stable: ["a.models:80"], canary: ["b.models:80"]))
        let canary = #"{"ip":"10.0.0.3","port":80}"#
        let stable = #"{"ip":"10.0.0.1","port":80}"#
        let retried = Record(target: "a.models:80", tries: [Record.failed(canary), stable])
        scene.receive(retried.text)
        #expect(scene.counts.foreign == 1, "whose it is nobody has said")
        let named = Record(target: "b.models:80", tries: [canary])
        scene.receive(Record.batch([retried, named]))
        scene.receive(retried.text)
        #expect(scene.counts.foreign == 1)
        #expect(scene.step.canary.attempts == 3)
        #expect(scene.step.canary.hiddenFailures == 2)
    }

    @Test func `a failed try behind an address of both versions is nobody's`() {
        let scene = Scene(Scene.traffic(stable: ["a.models:80"], canary: ["b.models:80"]))
        let shared = #"{"ip":"10.0.0.1","port":80}"#
        scene.receive(
            Record.batch([
                Record(target: "a.models:80", tries: [shared]),
                Record(target: "b.models:80", tries: [shared]),
                Record(target: "a.models:80", tries: [Record.failed(shared), shared]),
            ]))
        #expect(scene.step.stable.attempts == 2)
        #expect(scene.step.canary.attempts == 1)
        #expect(scene.step.stable.failures + scene.step.canary.failures == 0)
        #expect(scene.counts.foreign == 1)
    }

    @Test(arguments: ["::1", "[::1]", "0:0:0:0:0:0:0:1"])
    func `every spelling of an IPv6 address is found`(ip: String) {
        let scene = Scene(Scene.traffic(canary: ["[::1]:9402"]))
        scene.receive(Record(tries: [#"{"ip":"\#(ip)","port":9402}"#]).text)
        scene.receive(Record(target: "[::1]:9402", tries: ["{}"]).text)
        #expect(scene.step.canary.attempts == 2)
    }

    @Test func `a name is found as whoever added it to Kong wrote it`() {
        let scene = Scene(Scene.traffic(canary: ["model-b:80"]))
        scene.receive(Record(target: "Model-B:80").text)
        #expect(scene.step.canary.attempts == 1)
    }

    @Test(arguments: [
        (#""0.5""#, 1), ("0.5", 1), ("-3e2", 1), ("7", 1), (#""""#, 0), (#""high""#, 0),
        (#""nan""#, 0), (#""inf""#, 0), ("1e999", 0), ("null", 0), ("true", 0), ("[1]", 0),
        (#"{"a":1}"#, 0), (#""0.5 ""#, 0), (#""0,5""#, 0),
    ])
    func `a score is a number or a string of one`(score: String, count: Int) {
        var batch = Batch(
            for: RolloutTraffic(Scene.traffic(), saved: nil, office: IntakeOffice { _ in }),
            receivedAt: 0)
        let body = Array(Record(score: score).text.utf8)
        let malformed = body.withUnsafeBytes { LogReader()?.read($0, into: &batch) }
        #expect(malformed == 0)
        #expect(batch.block.stable.attempts == 1)
        #expect(batch.block.stable.scores.count == count)
    }

    @Test func `only answers below 500 have a latency and a score`() {
        var batch = Batch(
            for: RolloutTraffic(Scene.traffic(), saved: nil, office: IntakeOffice { _ in }),
            receivedAt: 0)
        let records = [
            Record(status: "500", proxy: "1", score: "0.1"),
            Record(tries: [Record.failed(Record.canary), Record.stable], proxy: "2", score: "0.2"),
            Record(status: "404", tries: [Record.canary], proxy: "3.4", score: "0.3"),
            Record(tries: [], proxy: "4", score: "0.4"),
        ]
        let body = Array(Record.batch(records).utf8)
        #expect(body.withUnsafeBytes { LogReader()?.read($0, into: &batch) } == 0)
        #expect(batch.block.stable.latencies == [2])
        #expect(batch.block.stable.scores == [0.2])
        #expect(batch.block.canary.latencies == [3])
        #expect(batch.block.canary.scores == [0.3])
    }
}
