public import JSONText
public import Rollouts

/// Reads values that were pushed for `measurement` checks.
///
/// One object `{"metric", "version", "value"}`, or with `values`, an array, in the place of
/// `value`; or `{"measurements": […]}` with several such objects.
public enum MeasurementsReader {
    /// Values in one request.
    public static let limit = 1_000

    private static let members = ["metric", "version", "value", "values"]

    /// - Throws: every fault, with the place of each. Nothing is taken in part.
    public static func read(
        _ value: JSONValue, of plan: RolloutPlan
    ) throws(Faults) -> [Measurement] {
        var inspection = Inspection()
        var found: [Measurement] = []
        if value.isNull { inspection.fault(.root, "must be an object, not null") }
        if value["measurements"] != nil {
            if let body = inspection.object(value, at: .root, of: ["measurements"]) {
                let list = inspection.list(body, "measurements", upTo: limit, at: .root)
                let here = JSONPointer.root.appending("measurements")
                for (index, one) in (list ?? []).enumerated() where !inspection.isFull {
                    let place = here.appending(index)
                    if one.isNull { inspection.fault(place, "must be an object, not null") }
                    found += read(one, at: place, plan, &inspection)
                }
                if list == nil, body.given("measurements") == nil {
                    inspection.fault(here, "must be an array, not null")
                }
            }
        } else {
            found = read(value, at: .root, plan, &inspection)
        }
        if found.count > limit {
            inspection.fault(
                .root, "must have at most \(limit) values in one request, not \(found.count)")
        }
        guard inspection.faults.isEmpty else { throw Faults(inspection.faults) }
        return found
    }

    private static func read(
        _ value: JSONValue, at pointer: JSONPointer, _ plan: RolloutPlan,
        _ inspection: inout Inspection
    ) -> [Measurement] {
        guard let object = inspection.object(value, at: pointer, of: members) else { return [] }
        let check = check(object, at: pointer, plan, &inspection)
        let isCanary = version(object, at: pointer, plan, &inspection)
        var numbers: [(JSONValue, JSONPointer)] = []
        switch (object.given("value"), object.given("values")) {
        case (nil, nil):
            inspection.fault(pointer.appending("value"), "is required, or \"values\"")
        case (.some, .some):
            inspection.fault(pointer.appending("values"), "cannot be given beside \"value\"")
        case (let one?, nil):
            numbers = [(one, pointer.appending("value"))]
        case (nil, .some):
            let list = inspection.list(object, "values", upTo: limit, at: pointer) ?? []
            for (index, one) in list.enumerated() {
                numbers.append((one, pointer.appending("values").appending(index)))
            }
        }
        var found: [Measurement] = []
        for (number, place) in numbers where !inspection.isFull {
            guard let figure = number.double else {
                inspection.fault(place, "must be a number, not \(Inspection.shown(number))")
                continue
            }
            guard let check else { continue }
            guard (check.low...check.high).contains(figure) else {
                inspection.fault(
                    place,
                    "must be from \(check.low) to \(check.high), the range of this measurement, "
                        + "not \(Inspection.shown(number))")
                continue
            }
            guard let isCanary else { continue }
            found.append(Measurement(metric: check.name, isCanary: isCanary, value: figure))
        }
        return found
    }

    private static func check(
        _ object: JSONObject, at pointer: JSONPointer, _ plan: RolloutPlan,
        _ inspection: inout Inspection
    ) -> Check.Measured? {
        let here = pointer.appending("metric")
        guard object.given("metric") != nil else {
            inspection.fault(here, "is required: the name of a measurement check")
            return nil
        }
        guard let name = inspection.text(object, "metric", at: pointer) else { return nil }
        let known = plan.analysis.checks.compactMap { check -> Check.Measured? in
            if case .measurement(let measured) = check { measured } else { nil }
        }
        if let found = known.first(where: { $0.name == name }) { return found }
        let names = known.map { "\"\($0.name)\"" }.joined(separator: ", ")
        inspection.fault(
            here,
            known.isEmpty
                ? "the analysis has no measurement check; PATCH one into it first"
                : "the analysis has no measurement check of that name; there are: \(names)")
        return nil
    }

    /// A label, or a version's part in the rollout; a label that reads so comes first.
    private static func version(
        _ object: JSONObject, at pointer: JSONPointer, _ plan: RolloutPlan,
        _ inspection: inout Inspection
    ) -> Bool? {
        let (stable, canary) = (plan.stableLabel, plan.canary.label)
        let here = pointer.appending("version")
        guard object.given("version") != nil else {
            inspection.fault(here, "is required: \"canary\", \"stable\" or a version's label")
            return nil
        }
        guard let text = inspection.text(object, "version", at: pointer) else { return nil }
        switch text {
        case canary: return true
        case stable: return false
        case "canary": return true
        case "stable": return false
        case _:
            inspection.fault(
                here,
                "must be \"canary\" or \"stable\", or a label: \"\(canary)\", \"\(stable)\"")
            return nil
        }
    }
}
