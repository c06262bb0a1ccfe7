import JSONText
import Rollouts

/// Reads the shares a rollout climbs through and what each waits for.
enum StepsReader {
    static let holdMembers = ["for", "requests", "verdict", "approval"]

    static func read(
        _ value: JSONValue, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> Steps? {
        guard let list = value.array else {
            inspection.fault(pointer, "must be an array of steps, not \(value.kindName)")
            return nil
        }
        guard (1...Steps.limit).contains(list.count) else {
            inspection.fault(pointer, "must have 1 to \(Steps.limit) steps, not \(list.count)")
            return nil
        }
        var steps: [Step] = []
        var highest: TrafficShare?
        for (index, value) in list.enumerated() {
            let here = pointer.appending(index)
            guard let step = step(value, at: here, &inspection) else { continue }
            if let highest, step.share <= highest {
                let place = value.object == nil ? here : here.appending("percent")
                inspection.fault(
                    place,
                    "must be above the step before it, which is \(highest); shares rise strictly")
            }
            highest = max(highest ?? .none, step.share)
            steps.append(step)
        }
        guard steps.count == list.count else { return nil }
        return Steps(steps)
    }

    private static func step(
        _ value: JSONValue, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> Step? {
        guard let object = value.object else {
            if case .number = value {
                return inspection.share(value, at: pointer).map { Step(share: $0) }
            }
            inspection.fault(
                pointer,
                "must be a number of percent or {\"percent\": …, \"hold\": {…}}, "
                    + "not \(value.kindName)")
            return nil
        }
        _ = inspection.object(value, at: pointer, of: ["percent", "hold"])
        let hold = hold(object["hold"], at: pointer.appending("hold"), &inspection)
        guard let percent = object["percent"], !percent.isNull else {
            inspection.fault(pointer.appending("percent"), "is required")
            return nil
        }
        let share = inspection.share(percent, at: pointer.appending("percent"))
        return share.map { Step(share: $0, hold: hold) }
    }

    private static func hold(
        _ value: JSONValue?, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> Hold {
        guard let object = inspection.object(value, at: pointer, of: holdMembers) else {
            return .untilApproved
        }
        let verdict = inspection.text(object, "verdict", at: pointer)
        if let verdict, verdict != "healthy" {
            inspection.fault(pointer.appending("verdict"), "must be \"healthy\"")
        }
        return Hold(
            time: inspection.span(object, "for", atLeast: 0, at: pointer),
            requests: inspection.whole(
                object, "requests", in: 1...1_000_000_000, at: pointer),
            healthy: verdict == "healthy",
            approval: inspection.flag(object, "approval", at: pointer) ?? false)
    }
}
