import JSONText
import Rollouts

/// Reads a check that asks Prometheus. Its addresses come from the configuration alone, so that
/// nobody can make the service call where it should not.
enum PrometheusCheckReader {
    /// The longest query, in characters.
    static let queryLimit = 4000

    static func read(
        _ object: JSONObject, at pointer: JSONPointer, _ defaults: PlanDefaults,
        _ inspection: inout Inspection
    ) -> Check? {
        let server = server(object, at: pointer, defaults, &inspection)
        let query = query(object, at: pointer, &inspection)
        let interval = inspection.span(object, "interval", atLeast: 1, at: pointer)
        let most = inspection.real(object, "max", at: pointer, "must be a number") { _ in true }
        let least = inspection.real(object, "min", at: pointer, "must be a number") { _ in true }
        let limit = inspection.whole(object, "failure_limit", in: 0...100, at: pointer)
        if object.given("max") == nil, object.given("min") == nil {
            inspection.fault(
                pointer, "needs \"max\" or \"min\": a value above or below is a failure")
        }
        if let most, let least, least > most {
            inspection.fault(pointer.appending("min"), "must be at most \"max\"")
        }
        guard let query, let minute = TimeSpan(seconds: 60) else { return nil }
        return .prometheus(
            Check.Query(
                server: server, query: query, interval: interval ?? minute, max: most, min: least,
                failureLimit: limit ?? 0))
    }

    private static func server(
        _ object: JSONObject, at pointer: JSONPointer, _ defaults: PlanDefaults,
        _ inspection: inout Inspection
    ) -> String? {
        let name = inspection.text(object, "server", at: pointer)
        guard let servers = defaults.prometheusServers else { return name }
        if servers.isEmpty {
            inspection.fault(
                pointer.appending("metric"),
                "no Prometheus is configured; name one under \"prometheus\" in the "
                    + "configuration file")
        } else if let name, !servers.contains(name) {
            inspection.fault(
                pointer.appending("server"),
                "no Prometheus of that name is configured; there are: "
                    + servers.joined(separator: ", "))
        } else if name == nil, servers.count > 1 {
            inspection.fault(
                pointer.appending("server"), "is required: \(servers.joined(separator: ", "))")
        }
        return name
    }

    private static func query(
        _ object: JSONObject, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> String? {
        let here = pointer.appending("query")
        if object.given("query") == nil {
            inspection.fault(here, "is required: PromQL that gives one number")
        }
        guard let query = inspection.text(object, "query", at: pointer) else { return nil }
        let scalars = query.unicodeScalars
        let visible = query.filter { !$0.isNewline && $0 != "\t" }
        if !(1...queryLimit).contains(scalars.count) || !KongText.isPrintable(visible) {
            inspection.fault(here, "must be 1 to \(queryLimit) characters of PromQL")
        } else if !hasKnownPlaceholders(query) {
            inspection.fault(here, "may have the placeholders {{stable}} and {{canary}} only")
        }
        return query
    }

    private static func hasKnownPlaceholders(_ query: String) -> Bool {
        let bytes = Array(query.utf8)
        let known = ["{{stable}}", "{{canary}}"].map { Array($0.utf8) }
        var place = 0
        while place + 1 < bytes.count {
            if bytes[place] == UInt8(ascii: "{"), bytes[place + 1] == UInt8(ascii: "{") {
                guard let found = known.first(where: { bytes[place...].starts(with: $0) }) else {
                    return false
                }
                place += found.count
            } else {
                place += 1
            }
        }
        return true
    }
}
