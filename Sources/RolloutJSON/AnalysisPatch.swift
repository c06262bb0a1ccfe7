import JSONText
import Rollouts

/// Reads a merge patch (RFC 7396) of how a rollout's traffic is judged.
enum AnalysisPatch {
    /// - Parameter current: the document as the interface shows it.
    /// - Returns: nil where nothing would change, or something is wrong.
    static func read(
        _ patch: JSONValue, current: JSONValue?, defaults: PlanDefaults,
        _ inspection: inout Inspection
    ) -> AnalysisPolicy? {
        guard !patch.isNull else {
            return AnalysisReader.read(nil, defaults: defaults, &inspection)
        }
        let present = current ?? .object([:])
        guard let changes = patch.object, let shown = present.object else {
            return AnalysisReader.read(patch, defaults: defaults, &inspection)
        }
        _ = inspection.object(
            patch, at: .root.appending("analysis"), of: AnalysisReader.members)
        var merged = shown
        for (name, change) in changes {
            if change.isNull {
                // What is null already may be sent as it is, and is not restored by that.
                if merged[name] != .null { merged[name] = nil }
            } else if !AnalysisReader.members.contains(name) {
                continue
            } else if name == "score" {
                // One source replaces the other: an answer has one score.
                merged[name] = change
            } else {
                merged[name] = (merged[name] ?? .null).merging(change)
            }
        }
        // What stays as it is may be sent whatever the configuration has become.
        if JSONValue.object(merged) == present { return nil }
        if merged["score"] != shown["score"], !changes.contains("checks") {
            let isScored = merged["score"] != nil || defaults.analysis.score != nil
            merged["checks"] = checks(merged["checks"], isScored: isScored)
        }
        return AnalysisReader.read(.object(merged), defaults: defaults, &inspection)
    }

    /// A score brings its check and takes it away, unless the patch has checks of its own.
    private static func checks(_ value: JSONValue?, isScored: Bool) -> JSONValue? {
        guard let list = value?.array else { return value }
        let drift = JSONValue.string(Check.Metric.scoreDrift.rawValue)
        let others = list.filter { $0["metric"] != drift }
        if isScored, others.count == list.count {
            return .array(list + [["metric": drift, "max_distance": 0.1]])
        }
        return isScored ? value : .array(others)
    }
}
