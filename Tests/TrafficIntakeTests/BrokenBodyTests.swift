import Judgement
import Testing

@testable import TrafficIntake

@Suite struct BrokenBodyTests {
    static let good = Record().text
    static let deep = String(repeating: "[", count: 100_000)
    static let deepObject = String(repeating: #"{"a":"#, count: 100_000)

    /// A body, how many records count, how many pieces are malformed.
    static let bodies: [(String, Int, Int)] = [
        ("", 0, 1), (" ", 0, 1), ("[]", 0, 0), (" [ ] ", 0, 0), ("hello", 0, 1), ("null", 0, 1),
        ("17", 0, 1), (#""text""#, 0, 1), ("{}", 0, 1), ("[", 0, 1), ("]", 0, 1), ("{", 0, 1),
        ("[{}]", 0, 1), ("[1,null,\"x\",[],{}]", 0, 5), (good, 1, 0), ("[\(good)]", 1, 0),
        (" \n[ \(good) ,\t\(good) ] \n", 2, 0),
        ("[\(good)", 1, 1), ("[\(good),", 1, 1), ("[\(good),]", 1, 0), ("[,\(good)]", 1, 0),
        ("[\(good) \(good)]", 2, 0), ("[\(good)]x", 1, 1), ("\(good)x", 1, 1),
        ("\(good)\(good)", 2, 1), ("[\(good)][\(good)]", 2, 1),
        ("[\(good),\(good.dropLast(1))]", 1, 1),
        ("[\(good.dropLast(1)),\(good)]", 1, 1),
        ("[\(good),\(good.dropLast(30)),\(good)]", 2, 1),
        ("[\(good),{\"a\":\"x,\(good),\(good)]", 3, 1),
        ("[\(good),{\"a\" 1},\(good)]", 2, 1),
        ("[\(good),{\"a\":[1},\(good)]", 2, 1),
        ("[\(good),{\"a\":1]},\(good)]", 2, 1),
        ("[\(good),{a:1},\(good)]", 2, 1),
        ("[\(good),nonsense,\(good)]", 2, 1),
        ("[\(good),{\"request\":{\"id\":},\"response\":{\"status\":200}},\(good)]", 2, 1),
        ("[\(deep),\(good)]", 1, 1),
        ("[{\"a\":\(deep)},\(good)]", 1, 1),
        ("[\(deepObject),\(good)]", 1, 1),
        ("\(deep)", 0, 1),
        ("[{\"response\":{\"status\":\(deep)}},\(good)]", 1, 1),
    ]

    @Test(arguments: bodies.indices)
    func `what is broken is counted and the rest all the same`(index: Int) {
        let (body, records, malformed) = Self.bodies[index]
        let scene = Scene()
        #expect(scene.receive(body) == .counted(records), "\(body.prefix(200))")
        #expect(scene.counts.malformed == malformed, "\(body.prefix(200))")
        #expect(scene.step.stable.attempts == records)
    }

    /// One member in place of the record's own: counted, or malformed.
    static let members: [(String, Bool)] = [
        (#""response":null"#, false), (#""response":[]"#, false), (#""response":{}"#, false),
        (#""response":{"status":"200"}"#, true), (#""response":{"status":200.0}"#, true),
        (#""response":{"status":200.5}"#, false), (#""response":{"status":-1}"#, false),
        (#""response":{"status":99}"#, false), (#""response":{"status":1000}"#, false),
        (#""response":{"status":1e400}"#, false), (#""response":{"status":200x}"#, false),
        (#""response":{"status":123456789012345678901234567890}"#, false),
        (#""response":{"status":500},"response":{"status":200}"#, true),
        (#""response":{"status":200},"tries":null"#, true),
        (#""response":{"status":200},"tries":{}"#, true),
        (#""response":{"status":200},"tries":{"ip":"127.0.0.1"}"#, false),
        (#""response":{"status":200},"tries":"none""#, false),
        (#""response":{"status":200},"tries":[1]"#, false),
        (#""response":{"status":200},"tries":[[]]"#, false),
        (#""response":{"status":200},"tries":[],"tries":[\#(Record.stable)]"#, true),
        (#""response":{"status":200},"latencies":7"#, true),
        (#""response":{"status":200},"latencies":{"proxy":"x"}"#, true),
        (#""response":{"status":200},"latencies":{"proxy":1e300}"#, true),
        (#""response":{"status":200},"request":"x""#, true),
        (#""response":{"status":200},"request":{"id":17}"#, true),
        (#""response":{"status":200},"target":{"a":[{}]}"#, true),
        (#""response":{"status":200},"upstream_status":502"#, true),
        (#""response":{"status":200},"upstream_status":", , :""#, true),
    ]

    @Test(arguments: members.indices)
    func `a member of another type never costs its neighbours`(index: Int) {
        let (member, isGood) = Self.members[index]
        let scene = Scene()
        let counted = isGood ? 3 : 2
        #expect(scene.receive("[\(Self.good),{\(member)},\(Self.good)]") == .counted(counted), "\(member)")
        #expect(scene.counts.malformed == (isGood ? 0 : 1), "\(member)")
    }

    @Test func `bytes that are no UTF-8 in a path count like any others`() {
        let scene = Scene()
        var body = Array(#"[{"request":{"uri":"/"#.utf8)
        body += [0xFF, 0xC0, 0x80, 0xED, 0xA0, 0x80, 0x01, 0x00, 0x7F, 0xF8]
        body += Array(#""},"response":{"status":200},"tries":[\#(Record.stable)]}]"#.utf8)
        #expect(scene.receive(body) == .counted(1))
        #expect(scene.step.stable.attempts == 1)
    }

    @Test func `a record has at most 1024 tries`() {
        for (count, isGood) in [(1024, true), (1025, false), (5000, false)] {
            let scene = Scene()
            let record = Record(tries: Array(repeating: Record.canary, count: count))
            #expect(scene.receive(Record.batch([Record(), record, Record()])) == .counted(isGood ? 3 : 2))
            #expect(scene.step.canary.attempts == (isGood ? count : 0))
            #expect(scene.step.stable.attempts == 2)
        }
    }

    @Test func `a body cut anywhere counts what stands before the cut`() {
        let records = (0..<5).map { Record(tries: $0 % 2 == 0 ? [Record.stable] : [Record.canary]) }
        let body = Array(Record.batch(records).utf8)
        var ends: [Int] = []
        var place = 1
        for record in records {
            place += record.text.utf8.count
            ends.append(place)
            place += 1
        }
        for length in 0..<body.count {
            let scene = Scene()
            let whole = ends.count { $0 <= length }
            #expect(scene.receive(Array(body[..<length])) == .counted(whole), "\(length) bytes")
            #expect(scene.counts.malformed == 1, "\(length) bytes")
        }
    }

    @Test func `more records than are handed over at once come one by one all the same`() {
        for count in [255, 256, 257, 1000] {
            let scene = Scene()
            let records = (0..<count).map {
                Record(tries: $0 % 5 == 0 ? [Record.failed(Record.canary), Record.stable] : [Record.stable])
            }
            #expect(scene.receive(Record.batch(records)) == .counted(count))
            #expect(scene.step.stable.attempts == count)
            #expect(scene.step.canary.hiddenFailures == (count + 4) / 5)
        }
    }
}
