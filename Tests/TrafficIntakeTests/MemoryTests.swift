import Foundation
import Judgement
import Rollouts
import TestSupport
import Testing

@testable import TrafficIntake

@Suite(.serialized) struct MemoryTests {
    /// Bytes of this process in memory.
    static func resident() throws -> Int {
        let text = try String(contentsOf: URL(filePath: "/proc/self/statm"), encoding: .utf8)
        return try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 4096
    }

    @Test func `a million targets leave nothing behind`() throws {
        let scene = Scene(Scene.traffic(stable: ["a.models:80"], canary: ["b.models:80"]))
        let records = (1000..<3000).map { place in
            #"{"response":{"status":200},"target":"t???-\#(place).x:80","#
                + #""tries":[{"ip":"fe80::???:\#(place)","port":80}]}"#
        }
        var body = Array("[\(records.joined(separator: ","))]".utf8)
        let marks = body.indices.filter { body[$0] == UInt8(ascii: "?") }
        func send(_ round: Int) {
            let digits = Array(String(1000 + round).utf8.dropFirst())
            for (index, mark) in marks.enumerated() { body[mark] = digits[index % 3] }
            scene.receive(body)
        }
        // In the first half other suites of this process are at work, too.
        for round in 0..<250 { send(round) }
        let before = try Self.resident()
        for round in 250..<500 { send(round) }
        #expect(scene.counts.records == 1_000_000)
        #expect(scene.counts.foreign == 1_000_000)
        #expect(try Self.resident() - before < 24 << 20)
    }

    @Test func `addresses are learned up to a bound`() throws {
        let traffic = Scene.traffic(stable: ["a.models:80"], canary: ["b.models:80"])
        let scene = Scene(traffic)
        for round in 0..<50 {
            let records = (0..<40).map { place in
                Record(target: "b.models:80", tries: [#"{"ip":"10.0.\#(round).\#(place)","port":80}"#])
            }
            scene.receive(Record.batch(records))
        }
        #expect(scene.step.canary.attempts == 2000)
        let known = scene.intake.rollout(Scene.name)?.use { $0.learned.count }
        #expect(known == State.mostLearned)
    }

    @Test(arguments: ["[", "{", "\"", ",{", "[{}", "{},", "1,", "\\\"", "[1,{\"tries\":[{},", "é"])
    func `megabytes of anything are read in bounded time and memory`(piece: String) throws {
        let piece = Array(piece.utf8)
        var repeated = piece
        while repeated.count < 2 << 20 { repeated += repeated }
        for head in ["[", #"[{"response":"#] {
            let scene = Scene()
            let body = Array(head.utf8) + repeated
            #expect(scene.receive(body) == .counted(0))
            #expect(scene.counts.malformed >= 1)
        }
    }

    @Test func `ten thousand rollouts share a budget`() {
        let budget = MemoryBudget(bytes: TrafficIntake.memoryForRecentRequests)
        var seed = Seed(1)
        var rollouts = (0..<10_000).map { _ in RecentRequests(budget: budget) }
        for index in rollouts.indices {
            rollouts[index].prepare(for: 200, at: 0)
            for _ in 0..<200 { _ = rollouts[index].recognizes(seed.next()) }
            rollouts[index].prepare(for: 20_000, at: 1)
        }
        let bytes = rollouts.reduce(0) { $0 + $1.bytes }
        #expect(bytes <= TrafficIntake.memoryForRecentRequests + 10_000 * 4096)
    }
}
