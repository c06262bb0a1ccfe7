import JSONText
import Rollouts

extension Cause {
    /// Reads what the writer of causes writes; nil where the member is null or absent.
    static func stored(
        _ name: String, in parent: StoredMembers
    ) throws(StoredFault) -> Cause? {
        guard let members = try parent.optionalMembers(name) else { return nil }
        var evidence: [Difference] = []
        var alarm: Alarm?
        if let found = try members.optionalMembers("evidence") {
            if found.has("check") { alarm = try Alarm.stored(found) }
            let pointer = found.pointer.appending("differences")
            let list = found.has("differences") ? try found.list("differences") : []
            for (index, value) in list.enumerated() {
                let one = try StoredMembers(value, at: pointer.appending(index))
                evidence.append(
                    Difference(
                        entity: try one.text("entity"), field: try one.text("field"),
                        present: try one.optionalText("is"),
                        wanted: try one.optionalText("wanted")))
            }
        }
        return Cause(
            by: try members.text("by"), reason: try members.word("reason", as: Reason.self),
            message: try members.text("message"), at: try members.moment("at"),
            evidence: evidence, alarm: alarm)
    }
}

extension Alarm {
    static func stored(_ members: StoredMembers) throws(StoredFault) -> Alarm {
        Alarm(
            check: try members.text("check"),
            metric: try members.word("metric", as: Check.Metric.self),
            limit: try members.text("limit"), threshold: try members.real("threshold"),
            canary: try members.optionalReal("canary"),
            stable: try members.optionalReal("stable"),
            canaryCount: try members.whole("canary_count"),
            stableCount: try members.whole("stable_count"),
            evidence: try members.optionalReal("e_value"),
            evidenceNeeded: try members.optionalReal("needed"), from: try members.moment("from"),
            to: try members.moment("to"))
    }
}
