import JSONText
import Rollouts

/// Reads the two versions and how they must differ.
enum VersionsReader {
    struct Versions {
        let stableLabel: String
        let stableTargets: [TargetAddress]?
        let canary: Version
    }

    static let members = ["version", "targets"]

    static func read(
        stable: JSONValue?, canary: JSONValue?, _ inspection: inout Inspection
    ) -> Versions? {
        let stableAt = JSONPointer.root.appending("stable")
        let canaryAt = JSONPointer.root.appending("canary")
        let old = inspection.object(stable, at: stableAt, of: members) ?? JSONObject()
        let oldLabel = label(old, at: stableAt, &inspection) ?? "stable"
        let oldTargets = targets(old, at: stableAt, &inspection)
        guard let canary, !canary.isNull else {
            inspection.fault(canaryAt.appending("targets"), "is required")
            return nil
        }
        guard let new = inspection.object(canary, at: canaryAt, of: members) else { return nil }
        let newLabel = label(new, at: canaryAt, &inspection) ?? "canary"
        if new["targets"].map(\.isNull) ?? true {
            inspection.fault(canaryAt.appending("targets"), "is required")
        }
        let newTargets = targets(new, at: canaryAt, &inspection)
        if oldLabel == newLabel {
            inspection.fault(
                canaryAt.appending("version"),
                "must differ from stable's, which is \"\(oldLabel)\" too")
        }
        for (index, target) in (newTargets ?? []).enumerated()
        where target.map({ (oldTargets ?? []).contains($0) }) ?? false {
            inspection.fault(
                canaryAt.appending("targets").appending(index),
                "is a target of stable too; a target belongs to one version")
        }
        return Versions(
            stableLabel: oldLabel, stableTargets: oldTargets.map { $0.compactMap { $0 } },
            canary: Version(label: newLabel, targets: (newTargets ?? []).compactMap { $0 }))
    }

    private static func label(
        _ object: JSONObject, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> String? {
        guard let text = inspection.text(object, "version", at: pointer) else { return nil }
        if !(1...63).contains(text.unicodeScalars.count) || !KongText.isPrintable(text) {
            inspection.fault(
                pointer.appending("version"), "must be 1 to 63 printable characters")
        }
        return text
    }

    /// The place of each element stays, so that faults can name it; wrong ones are nil.
    private static func targets(
        _ object: JSONObject, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> [TargetAddress?]? {
        let list = inspection.list(object, "targets", upTo: Version.targetLimit, at: pointer)
        guard let list else { return nil }
        let here = pointer.appending("targets")
        var found: [TargetAddress?] = []
        for (index, value) in list.enumerated() {
            let target = value.string.flatMap { TargetAddress($0) }
            if target == nil {
                inspection.fault(
                    here.appending(index),
                    "must be \"host:port\" with a port from 1 to 65535, "
                        + "not \(Inspection.shown(value))")
            } else if found.contains(target) {
                inspection.fault(here.appending(index), "is there twice")
            }
            found.append(target)
        }
        return found
    }
}
