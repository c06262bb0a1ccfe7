import JSONText
import RolloutJSON
import Rollouts
import Testing

@Suite struct CommandReaderTests {
    static func faults(_ value: JSONValue, _ verb: Verb) -> [String] {
        do throws(Faults) {
            _ = try CommandReader.read(value, for: verb)
            return []
        } catch { return error.all.map(\.pointer.description) }
    }

    @Test func `a step leads on, to a step, or to a share`() throws {
        let read = { (value: JSONValue) in try CommandReader.read(value, for: .step).target }
        #expect(try read([:]) == .next)
        #expect(try read(["to": 0]) == .index(0))
        #expect(try read(["to": nil, "percent": 12.5]) == .share(.init(basisPoints: 1250)!))
        #expect(try CommandReader.read(["reason": "fine"], for: .abort).reason == "fine")
    }

    @Test func `wrong bodies name what is wrong`() {
        #expect(Self.faults(["to": 1, "percent": 20], .step) == ["/percent"])
        #expect(Self.faults(["to": -1], .step) == ["/to"])
        #expect(Self.faults(["to": 1.5], .step) == ["/to"])
        #expect(Self.faults(["percent": 0], .step) == ["/percent"])
        #expect(Self.faults(["to": 1], .pause) == ["/to"])
        #expect(Self.faults(["reason": 1], .abort) == ["/reason"])
        #expect(Self.faults(["reason": "a\u{0}"], .abort) == ["/reason"])
        #expect(Self.faults([], .abort) == [""])
        #expect(Self.faults(nil, .abort) == [""])
    }
}
