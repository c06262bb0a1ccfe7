import Rollouts
import TestSupport

extension Seed {
    mutating func flag() -> Bool { Bool.random(using: &self) }
    mutating func whole(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    mutating func perhaps<Value>(_ make: (inout Seed) -> Value) -> Value? {
        flag() ? make(&self) : nil
    }
}

/// Any value that the interface or the service could have made.
extension Seed {
    mutating func text() -> String {
        let parts = ["a", "ü", "\"", "\\", "/", "~", "😀", " ", "{", "é", "0", "Z", "‰"]
        return (0..<whole(1...12)).map { _ in parts[whole(0...(parts.count - 1))] }.joined()
    }

    mutating func moment() -> Timestamp {
        Timestamp(milliseconds: Int64.random(in: 0...4_000_000_000_000, using: &self))
    }

    mutating func share() -> TrafficShare { TrafficShare(basisPoints: whole(1...10_000))! }

    mutating func target(_ prefix: String) -> TargetAddress {
        switch whole(0...2) {
        case 0: TargetAddress("\(prefix)-\(whole(1...1_000_000)).example.com:\(whole(1...65_535))")!
        case 1: TargetAddress("10.\(whole(0...255)).\(whole(0...255)).7:\(whole(1...65_535))")!
        default: TargetAddress("[fd00::\(String(whole(1...65_535), radix: 16))]:\(whole(1...65_535))")!
        }
    }

    mutating func targets(_ prefix: String) -> [TargetAddress] {
        Array(Set((0..<whole(1...4)).map { _ in target(prefix) })).sorted()
    }

    mutating func steps() -> Steps {
        let shares = Set((0..<whole(1...6)).map { _ in share() }).sorted()
        return Steps(shares.map { Step(share: $0, hold: hold()) })!
    }

    mutating func hold() -> Hold {
        Hold(
            time: perhaps { TimeSpan(seconds: $0.whole(0...2_592_000))! },
            requests: perhaps { $0.whole(1...1_000_000) }, healthy: flag(), approval: flag())
    }

    mutating func cause() -> Cause {
        Cause(
            by: text(), reason: Cause.Reason.allCases.randomElement(using: &self)!, message: text(),
            at: moment(),
            evidence: (0..<whole(0...3)).map { _ in
                Cause.Difference(
                    entity: text(), field: text(), present: perhaps { $0.text() },
                    wanted: perhaps { $0.text() })
            }, alarm: perhaps { $0.alarm() })
    }

    mutating func plan() -> RolloutPlan {
        let canary = targets("canary")
        let stable = targets("stable").filter { !canary.contains($0) }
        return RolloutPlan(
            name: RolloutName("r\(whole(0...99_999))")!,
            labels: Dictionary(
                (0..<whole(0...4)).map { _ in (text(), text()) }, uniquingKeysWith: { one, _ in one }),
            gateway: text(),
            service: RolloutPlan.Service(
                name: perhaps { "s\($0.whole(0...9))" }, scheme: perhaps { $0.flag() ? "http" : "https" },
                path: perhaps { "/v\($0.whole(0...9))" }, retries: perhaps { $0.whole(0...32_767) }),
            upstream: perhaps { "u\($0.whole(0...9)).example" },
            route: RolloutPlan.Route(
                name: perhaps { "r\($0.whole(0...9))" }, paths: ["/predict", "~/a.*$"],
                methods: perhaps { _ in ["GET", "POST"] }, protocols: perhaps { _ in ["https"] },
                hosts: perhaps { _ in ["*.example.com"] }, stripPath: perhaps { $0.flag() }),
            stableLabel: "old " + text(), stableTargets: stable.isEmpty || flag() ? nil : stable,
            canary: Version(label: "new " + text(), targets: canary), steps: steps(),
            start: flag() ? .auto : .manual, adopt: flag(), sticky: flag(),
            drain: TimeSpan(seconds: whole(0...9_000))!,
            progressDeadline: perhaps { TimeSpan(seconds: $0.whole(1...9_000))! },
            analysis: policy())
    }

    mutating func position(in steps: Steps) -> Position {
        flag() ? .planned(whole(0...(steps.count - 1))) : .custom(share())
    }

    mutating func phase(in steps: Steps) -> Phase {
        let held = Int64(whole(0...1_000_000_000))
        switch whole(0...9) {
        case 0: return .pending(registered: flag())
        case 1: return .shifting(position(in: steps), held: held)
        case 2: return .holding(position(in: steps), since: moment(), held: held)
        case 3: return .promoting
        case 4: return .promoted
        case 5: return .aborting(cause())
        case 6: return .aborted(cause())
        case 7: return .paused(.init(interrupted: .pending(registered: flag()), cause: cause()))
        case 8:
            return .paused(
                .init(interrupted: .shifting(position(in: steps), held: held), cause: cause()))
        default:
            return .paused(
                .init(interrupted: .holding(position(in: steps), held: held), cause: cause()))
        }
    }

    mutating func entity() -> Footing.Entity {
        Footing.Entity(name: text(), id: perhaps { $0.text() }, isOurs: flag())
    }

    mutating func footing() -> Footing {
        Footing(
            service: entity(), upstream: entity(), route: entity(), stableTargets: targets("stable"),
            baseline: targets("base").map {
                Footing.BaselineTarget(
                    address: $0, id: text(), weight: whole(0...65_535), tags: [text(), text()])
            },
            reach: flag() ? .throughUpstream : .direct(host: text(), port: whole(1...65_535)),
            serviceHost: perhaps { $0.text() }, url: perhaps { $0.text() },
            telemetry: perhaps { $0.telemetry() })
    }

    mutating func telemetry() -> Footing.Telemetry {
        Footing.Telemetry(
            carrier: Footing.Telemetry.Carrier.allCases.randomElement(using: &self)!,
            cut: Footing.Telemetry.Cut.allCases.randomElement(using: &self)!,
            forwards: flag()
                ? []
                : [
                    Footing.LogForward(
                        plugin: text(), endpoint: text(), method: "POST", contentType: text(),
                        headers: [text(): text()], timeout: whole(1...60_000),
                        batchSize: whole(1...200), customFields: [text(): text()])
                ])
    }

    mutating func rollout() -> Rollout {
        let plan = plan()
        return Rollout(
            plan: plan, revision: whole(1...1_000_000), epoch: whole(1...1_000_000),
            createdAt: moment(), updatedAt: moment(), phase: phase(in: plan.steps),
            phaseSince: moment(), footing: perhaps { $0.footing() },
            drainedAt: perhaps { $0.moment() },
            telemetrySecret: perhaps { _ in "0123456789abcdef0123456789abcdef" })
    }

    mutating func event() -> HistoryEvent {
        HistoryEvent(
            id: whole(1...1_000_000_000), at: moment(), rollout: RolloutName("r-1")!,
            revision: whole(1...99), type: HistoryType.allCases.randomElement(using: &self)!,
            from: perhaps { Phase.Name.allCases.randomElement(using: &$0)! },
            to: perhaps { Phase.Name.allCases.randomElement(using: &$0)! }, actor: text(),
            reason: perhaps { $0.text() },
            data: HistoryEvent.Details(
                asked: perhaps { $0.share() }, applied: perhaps { $0.share() },
                step: perhaps { $0.whole(0...49) }, cause: perhaps { $0.cause() },
                changed: flag() ? ["labels", "steps"] : []))
    }
}
