import Foundation
import Judgement
import TestSupport
import Testing

@testable import TrafficIntake

@Suite struct FuzzTests {
    static let batch: [UInt8] = {
        let records = (0..<12).map { place in
            Record(
                id: String(repeating: "0", count: 30) + String(place + 10, radix: 16),
                upstream: place % 4 == 0 ? "502, 200" : "200",
                target: place % 3 == 0 ? nil : "127.0.0.1:9401",
                tries: place % 4 == 0
                    ? [Record.failed(Record.canary), Record.stable] : [Record.stable],
                score: place % 2 == 0 ? "0.25" : #""0.75""#)
        }
        return Array(Record.batch(records).utf8)
    }()

    static let words = [
        "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\0", "\n", "\u{7F}", "null", "true", "1e999",
        "-", "0", "\"tries\":", "\"response\":{\"status\":500}", "[[[[[[[[", "}}}}}}}}", "\\u0000",
        "\"target\":\"\"", "{\"response\":{\"status\":200}}", ",{", "\u{FEFF}", "é", "99999999999",
    ].map { Array($0.utf8) }

    static func mutated(_ body: [UInt8], by seed: inout Seed) -> [UInt8] {
        var body = body
        for _ in 0..<Int.random(in: 1...6, using: &seed) where !body.isEmpty {
            let place = Int.random(in: 0..<body.count, using: &seed)
            switch Int.random(in: 0..<6, using: &seed) {
            case 0: body[place] = UInt8.random(in: 0...255, using: &seed)
            case 1: body.remove(at: place)
            case 2: body.removeLast(body.count - place)
            case 3: body.removeSubrange(place..<min(body.count, place + 40))
            case 4: body.insert(contentsOf: words.randomElement(using: &seed) ?? [], at: place)
            default:
                let end = min(body.count, place + Int.random(in: 1...500, using: &seed))
                body.insert(contentsOf: body[place..<end], at: 0)
            }
        }
        return body
    }

    @Test func `no mutation of a batch crashes, and what is counted adds up`() {
        var seed = Seed(20_261_123)
        for round in 0..<4000 {
            let scene = Scene()
            let body = Self.mutated(Self.batch, by: &seed)
            guard case .counted(let records) = scene.receive(body) else {
                Issue.record("round \(round): not counted")
                continue
            }
            let (stable, canary) = (scene.step.stable, scene.step.canary)
            #expect(records == scene.counts.records, "round \(round)")
            for tally in [stable, canary] {
                #expect(tally.hiddenFailures <= tally.failures, "round \(round)")
                #expect(tally.failures + tally.latency.count <= tally.attempts, "round \(round)")
                #expect(tally.firstTries <= tally.attempts, "round \(round)")
            }
            #expect(stable.firstTries + canary.firstTries <= records, "round \(round)")
        }
    }

    @Test func `bytes of chance are no records`() {
        var seed = Seed(7)
        for _ in 0..<500 {
            let scene = Scene()
            let count = Int.random(in: 0...300, using: &seed)
            let body = (0..<count).map { _ in UInt8.random(in: 0...255, using: &seed) }
            #expect(scene.receive(body) == .counted(0))
            #expect(scene.counts.malformed >= 1)
        }
    }

    @Test func `one bad byte costs no more than the records on either side of it`() throws {
        var seed = Seed(99)
        let post = try #require(try Recording("errors-slim").posts.first { $0.body.count > 20_000 })
        let reference = Scene()
        reference.receive(post.body)
        let whole = reference.counts.records
        try #require(whole > 40)
        for round in 0..<400 {
            var body = post.body
            let place = Int.random(in: 0..<body.count, using: &seed)
            body[place] = Array("\"\\{}[],: x0\0é".utf8).randomElement(using: &seed) ?? 0
            let scene = Scene()
            scene.receive(body)
            let around = String(decoding: body[max(0, place - 20)..<min(body.count, place + 20)], as: UTF8.self)
            #expect((whole - 2...whole).contains(scene.counts.records), "round \(round): \(around)")
        }
    }
}
