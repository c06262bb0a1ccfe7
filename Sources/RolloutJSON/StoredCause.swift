import JSONText
import Rollouts

extension Cause {
    /// Reads what the writer of causes writes; nil where the member is null or absent.
    static func stored(
        _ name: String, in parent: StoredMembers
    ) throws(StoredFault) -> Cause? {
        guard let members = try parent.optionalMembers(name) else { return nil }
        var evidence: [Difference] = []
        if let found = try members.optionalMembers("evidence") {
            let pointer = found.pointer.appending("differences")
            for (index, value) in try found.list("differences").enumerated() {
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
            evidence: evidence)
    }
}
