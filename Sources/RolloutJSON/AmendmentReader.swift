public import JSONText
public import Rollouts

/// Reads a merge patch (RFC 7396) of a rollout into the members that may be amended.
public enum AmendmentReader {
    /// The members that a PATCH may change.
    public static let members = ["labels", "analysis", "adopt", "progress_deadline", "steps"]

    /// - Parameter current: the rollout as the interface shows it, to which the patch is applied:
    ///   a member that would stay as it is may always be sent.
    /// - Parameter defaults: what a null restores.
    /// - Throws: every fault, with the place of each.
    public static func read(
        _ patch: JSONValue, current: JSONValue, defaults: PlanDefaults
    ) throws(Faults) -> Amendment {
        var inspection = Inspection()
        var amendment = Amendment()
        guard let object = patch.object else {
            throw Faults([Fault(.root, "must be an object, not \(patch.kindName)")])
        }
        let known = (current.object?.names ?? []) + PlanReader.members
        for (name, value) in object {
            if inspection.isFull { break }
            let pointer = JSONPointer.root.appending(name)
            switch name {
            case "labels":
                let merged = (current["labels"] ?? .object([:])).merging(value)
                amendment.labels = LabelsReader.read(merged, &inspection)
            case "adopt":
                amendment.adopt = inspection.flag(object, name, at: .root) ?? false
            case "progress_deadline":
                let deadline = inspection.span(object, name, atLeast: 1, at: .root)
                amendment.progressDeadline = .some(deadline)
            case "steps":
                amendment.steps = StepsReader.read(value, at: pointer, &inspection)
            case "analysis":
                amendment.analysis = AnalysisPatch.read(
                    value, current: current[name], defaults: defaults, &inspection)
            default:
                unchanged(name, value, current[name], of: known, &inspection)
            }
        }
        guard inspection.faults.isEmpty else { throw Faults(inspection.faults) }
        return amendment
    }

    private static func unchanged(
        _ name: String, _ value: JSONValue, _ present: JSONValue?, of known: [String],
        _ inspection: inout Inspection
    ) {
        let pointer = JSONPointer.root.appending(name)
        guard let present else {
            inspection.fault(pointer, Inspection.unknown(name, of: known))
            return
        }
        let after: JSONValue = value.isNull ? .null : present.merging(value)
        // A null inside the patch removes a member, which means the same as its being null.
        if after != present, JSONValue.object([:]).merging(after)
            != JSONValue.object([:]).merging(present)
        {
            inspection.fault(
                pointer,
                "cannot be changed; a PATCH may change \(members.joined(separator: ", ")). "
                    + "Leave it out or send its present value, \(Inspection.shown(present))")
        }
    }
}
