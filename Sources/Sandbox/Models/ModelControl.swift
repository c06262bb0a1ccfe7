/// Commands to a model: `PATCH /sandbox/models/{name}` changes what is named, `PUT` begins with what
/// the model was at first.
///
/// - `error_rate`: 0...1
/// - `latency_ms`: 0...60000, `latency_spread`: 0...2
/// - `score_median`: 0.001...0.999, `score_spread`: 0...3
/// - `up`: false closes its port, true opens it again
/// - `reset`: true counts from nothing
///
/// A command with anything wrong in it changes nothing.
enum ModelControl {
    private struct Setting: Sendable {
        let name: String
        let range: ClosedRange<Double>
        let set: @Sendable (inout ModelBehaviour, Double) -> Void
    }

    private static let settings = [
        Setting(name: "error_rate", range: 0...1) { $0.errorRate = $1 },
        Setting(name: "latency_ms", range: 0...60_000) { $0.latency = .milliseconds($1) },
        Setting(name: "latency_spread", range: 0...2) { $0.latencySpread = $1 },
        Setting(name: "score_median", range: 0.001...0.999) { $0.scoreMedian = $1 },
        Setting(name: "score_spread", range: 0...3) { $0.scoreSpread = $1 },
    ]

    static func answer(_ method: String, _ body: Row, _ model: ModelServer) async -> AdminAnswer {
        switch method {
        case "GET": return .ok(row(model))
        case "PATCH": return await change(model, from: model.behaviour, body, up: nil)
        case "PUT": return await change(model, from: model.initialBehaviour, body, up: true)
        default: return .fault(.methodNotAllowed)
        }
    }

    private static func change(
        _ model: ModelServer, from start: ModelBehaviour, _ body: Row, up initially: Bool?
    ) async -> AdminAnswer {
        var behaviour = start
        var (up, resets) = (initially, false)
        var errors: Row = [:]
        for (name, value) in body {
            if let setting = settings.first(where: { $0.name == name }) {
                if let given = value.double, setting.range.contains(given) {
                    setting.set(&behaviour, given)
                } else {
                    let (low, high) = (setting.range.lowerBound, setting.range.upperBound)
                    let said = LuaValue.digits(of: low) + "..." + LuaValue.digits(of: high)
                    errors[name] = .string("expected a number " + said)
                }
                continue
            }
            switch (name, value.flag) {
            case ("up", let flag?): up = flag
            case ("reset", let flag?): resets = flag
            case ("up", nil), ("reset", nil): errors[name] = "expected a boolean"
            default: errors[name] = "unknown field"
            }
        }
        guard errors.isEmpty else { return .fault(.schemaViolation(errors)) }
        do throws(SandboxError) {
            if up == true { try model.restart() }
        } catch {
            return .fault(.refused("\(error)"))
        }
        model.behaviour = behaviour
        if resets { model.resetCounts() }
        if up == false { await model.stop() }
        return .ok(row(model))
    }

    static func row(_ model: ModelServer) -> Row {
        let (counts, behaviour) = (model.counts, model.behaviour)
        return [
            "name": .string(model.name), "target": .string(model.target),
            "port": .integer(model.port), "up": .bool(model.isUp),
            "requests": .integer(counts.requests), "errors": .integer(counts.errors),
            "error_rate": .number(behaviour.errorRate),
            "latency_ms": .number(behaviour.latency / .milliseconds(1)),
            "latency_spread": .number(behaviour.latencySpread),
            "score_median": .number(behaviour.scoreMedian),
            "score_spread": .number(behaviour.scoreSpread),
        ]
    }
}
