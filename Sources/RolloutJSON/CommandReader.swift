public import JSONText
public import Rollouts

/// Reads the bodies of the verbs.
public enum CommandReader {
    /// A verb's body: where `step` leads, and why it is asked.
    public struct Body: Hashable, Sendable {
        public let target: Event.StepTarget
        public let reason: String?

        public init(target: Event.StepTarget, reason: String?) {
            self.target = target
            self.reason = reason
        }

        /// What an empty body says.
        public static let empty = Body(target: .next, reason: nil)
    }

    /// The longest reason, in characters.
    public static let reasonLimit = 1000

    public static func read(_ value: JSONValue, for verb: Verb) throws(Faults) -> Body {
        var inspection = Inspection()
        let members: [String] =
            switch verb {
            case .step: ["to", "percent", "reason"]
            case .pause, .resume, .promote, .abort: ["reason"]
            }
        if value.isNull { inspection.fault(.root, "must be an object, not null") }
        let body = inspection.object(value, at: .root, of: members) ?? JSONObject()
        let reason = inspection.text(body, "reason", at: .root)
        if let reason, reason.unicodeScalars.count > reasonLimit || !KongText.isPrintable(reason) {
            inspection.fault(
                .root.appending("reason"),
                "must be at most \(reasonLimit) printable characters")
        }
        var target = Event.StepTarget.next
        if verb == .step { target = step(body, &inspection) }
        guard inspection.faults.isEmpty else { throw Faults(inspection.faults) }
        return Body(target: target, reason: reason)
    }

    private static func step(
        _ body: JSONObject, _ inspection: inout Inspection
    ) -> Event.StepTarget {
        let to = inspection.whole(body, "to", in: 0...(Steps.limit - 1), at: .root)
        let percent = body.given("percent")
        let share = percent.flatMap {
            inspection.share($0, at: .root.appending("percent"))
        }
        if percent != nil, let sent = body["to"], !sent.isNull {
            inspection.fault(
                .root.appending("percent"),
                "cannot be given beside \"to\": that names a step, this a share outside the plan")
        }
        if let to { return .index(to) }
        if let share { return .share(share) }
        return .next
    }
}
