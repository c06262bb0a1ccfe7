import JSONText
import RolloutJSON
import Rollouts
import TestSupport
import Testing

/// Requests that are almost right.
@Suite struct MutationTests {
    /// A value that nobody expects in most places.
    static func oddity(_ seed: inout Seed) -> JSONValue {
        let odd: [JSONValue] = [
            nil, true, 0, -1, 120, 20.005, 1e300, "", "x", "10m", "-5m", "host:80", "host",
            [], [[]], [1, 2], [:], ["name": "x"], ["percent": 20], "\u{0}", "é\u{301}", "GET",
            .string(String(repeating: "long", count: 100)),
            .array(Array(repeating: "a:1", count: 101)),
        ]
        return odd[seed.whole(0...(odd.count - 1))]
    }

    /// The value with something in it replaced, taken away, added or renamed.
    static func mutated(_ value: JSONValue, _ seed: inout Seed) -> JSONValue {
        if seed.whole(0...5) == 0 { return oddity(&seed) }
        switch value {
        case .object(var object):
            guard let name = object.names.randomElement(using: &seed) else { return oddity(&seed) }
            switch seed.whole(0...7) {
            case 0: object[name] = nil
            case 1: object[String(name.dropLast())] = object[name]
            case 2: object[seed.text()] = oddity(&seed)
            default: object[name] = object[name].map { mutated($0, &seed) }
            }
            return .object(object)
        case .array(var list):
            guard !list.isEmpty else { return [oddity(&seed)] }
            let place = seed.whole(0...(list.count - 1))
            switch seed.whole(0...3) {
            case 0: list.remove(at: place)
            case 1: list.append(list[place])
            default: list[place] = mutated(list[place], &seed)
            }
            return .array(list)
        case .null, .bool, .number, .string:
            return oddity(&seed)
        }
    }

    @Test(arguments: 0..<40)
    func `what is read can be stored and shown, what is not is named`(number: Int) throws {
        var seed = Seed(UInt64(number))
        var taken = 0
        var refused = 0
        for _ in 0..<50 {
            let rollout = seed.rollout()
            let state = RolloutState(rollout: rollout, view: GatewayView(), viewNumber: 0)
            let shown = try JSONValue(parsing: ResourceWriter.bytes(of: state, at: seed.moment()))
            var request = shown.object ?? [:]
            for name in request.names where !Self.members.contains(name) { request[name] = nil }
            request["gateway"] = "default"
            var body = JSONValue.object(request)
            for _ in 0..<seed.whole(0...2) { body = Self.mutated(body, &seed) }
            switch Self.outcome(of: body) {
            case .success(let plan):
                let made = Rollout(plan: plan, createdAt: seed.moment())
                #expect(try StoredRollout.read(StoredRollout.bytes(of: made)) == made, "\(body)")
                taken += 1
            case .failure(let faults):
                #expect(!faults.all.isEmpty && faults.all.allSatisfy { !$0.detail.isEmpty })
                refused += 1
            }
        }
        #expect(taken > 0 && refused > 0)
    }

    static func outcome(of body: JSONValue) -> Result<RolloutPlan, Faults> {
        do throws(Faults) { return .success(try PlanReaderTests.read(body)) } catch {
            return .failure(error)
        }
    }

    static let members = [
        "name", "labels", "gateway", "service", "upstream", "route", "stable", "canary", "steps",
        "start", "adopt", "sticky", "drain", "progress_deadline", "analysis",
    ]
}
