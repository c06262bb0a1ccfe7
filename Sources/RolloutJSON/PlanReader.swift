public import JSONText
public import Rollouts

/// Reads what a person asks for, and says everything that is wrong with it at once.
public enum PlanReader {
    static let members = [
        "name", "labels", "gateway", "service", "upstream", "route", "stable", "canary", "steps",
        "start", "adopt", "sticky", "drain", "progress_deadline", "analysis",
    ]

    /// - Throws: every fault, with the place of each.
    public static func read(
        _ value: JSONValue, defaults: PlanDefaults
    ) throws(Faults) -> RolloutPlan {
        var inspection = Inspection()
        let plan = read(value, defaults: defaults, &inspection)
        guard let plan, inspection.faults.isEmpty else { throw Faults(inspection.faults) }
        return plan
    }

    private static func read(
        _ value: JSONValue, defaults: PlanDefaults, _ inspection: inout Inspection
    ) -> RolloutPlan? {
        guard !value.isNull else {
            inspection.fault(.root, "must be an object, not null")
            return nil
        }
        guard let body = inspection.object(value, at: .root, of: members) else { return nil }
        let name = name(body, &inspection)
        let labels = LabelsReader.read(body["labels"], &inspection)
        let gateway = gateway(body, defaults, &inspection)
        let service = EntityReader.service(body["service"], &inspection)
        let upstream = EntityReader.upstream(body["upstream"], &inspection)
        let route = EntityReader.route(body["route"], &inspection)
        let versions = VersionsReader.read(
            stable: body["stable"], canary: body["canary"], &inspection)
        let steps = body.given("steps")
            .map { StepsReader.read($0, at: .root.appending("steps"), &inspection) }
        let start = start(body, &inspection)
        let adopt = inspection.flag(body, "adopt", at: .root) ?? false
        let sticky = inspection.flag(body, "sticky", at: .root) ?? false
        let drain = inspection.span(body, "drain", atLeast: 0, at: .root) ?? defaults.drain
        let deadline =
            body["progress_deadline"] == nil
            ? defaults.progressDeadline
            : inspection.span(body, "progress_deadline", atLeast: 1, at: .root)
        let analysis = AnalysisReader.read(body["analysis"], defaults: defaults, &inspection)
        guard inspection.faults.isEmpty, let name, let route, let versions,
            let planned = steps ?? defaults.steps
        else { return nil }
        return RolloutPlan(
            name: name, labels: labels, gateway: gateway, service: service, upstream: upstream,
            route: route, stableLabel: versions.stableLabel, stableTargets: versions.stableTargets,
            canary: versions.canary, steps: planned, start: start, adopt: adopt, sticky: sticky,
            drain: drain, progressDeadline: deadline, analysis: analysis)
    }

    private static func name(
        _ body: JSONObject, _ inspection: inout Inspection
    ) -> RolloutName? {
        let pointer = JSONPointer.root.appending("name")
        guard let value = body["name"], !value.isNull else {
            inspection.fault(pointer, "is required")
            return nil
        }
        guard let name = value.string.flatMap({ RolloutName($0) }) else {
            inspection.fault(
                pointer,
                "must be 1 to 63 lower-case letters, digits and inner hyphens, "
                    + "not \(Inspection.shown(value))")
            return nil
        }
        return name
    }

    private static func gateway(
        _ body: JSONObject, _ defaults: PlanDefaults, _ inspection: inout Inspection
    ) -> String {
        guard let name = inspection.text(body, "gateway", at: .root) else {
            return defaults.defaultGateway
        }
        if !defaults.gateways.isEmpty, !defaults.gateways.contains(name) {
            inspection.fault(
                .root.appending("gateway"),
                "no gateway of that name is configured; there are: "
                    + defaults.gateways.joined(separator: ", "))
        }
        return name
    }

    private static func start(_ body: JSONObject, _ inspection: inout Inspection) -> StartMode {
        guard let text = inspection.text(body, "start", at: .root) else { return .auto }
        guard let mode = StartMode(rawValue: text) else {
            inspection.fault(.root.appending("start"), "must be \"auto\" or \"manual\"")
            return .auto
        }
        return mode
    }
}
