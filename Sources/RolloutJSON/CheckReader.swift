import JSONText
import Rollouts

/// Reads one check of an analysis.
enum CheckReader {
    static func read(
        _ value: JSONValue, at pointer: JSONPointer, _ defaults: PlanDefaults,
        _ inspection: inout Inspection
    ) -> Check? {
        guard let object = value.object else {
            inspection.fault(pointer, "must be an object, not \(value.kindName)")
            return nil
        }
        guard let metric = metric(object, at: pointer, &inspection) else { return nil }
        _ = inspection.object(value, at: pointer, of: ["metric"] + members(of: metric))
        switch metric {
        case .errorRate: return errorRate(object, at: pointer, &inspection)
        case .latency: return latency(object, at: pointer, &inspection)
        case .scoreDrift: return scoreDrift(object, at: pointer, &inspection)
        case .measurement: return measurement(object, at: pointer, &inspection)
        case .prometheus:
            return PrometheusCheckReader.read(object, at: pointer, defaults, &inspection)
        case .share: return nil
        }
    }

    private static func members(of metric: Check.Metric) -> [String] {
        switch metric {
        case .errorRate: ["max_increase", "max"]
        case .latency: ["quantile", "max_ratio", "max_ms"]
        case .scoreDrift: ["max_distance"]
        case .measurement: ["name", "range", "better", "max_harm"]
        case .prometheus: ["query", "interval", "max", "min", "failure_limit", "server"]
        case .share: []
        }
    }

    private static func metric(
        _ object: JSONObject, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> Check.Metric? {
        let known = Check.Metric.allCases.filter { $0 != .share }.map { "\"\($0.rawValue)\"" }
        let here = pointer.appending("metric")
        guard let value = object.given("metric") else {
            inspection.fault(here, "is required: \(known.joined(separator: ", "))")
            return nil
        }
        guard let metric = value.string.flatMap({ Check.Metric(rawValue: $0) }) else {
            inspection.fault(
                here,
                "must be one of \(known.joined(separator: ", ")), not \(Inspection.shown(value))")
            return nil
        }
        if metric == .share {
            inspection.fault(
                here,
                "\"share\" is judged in every rollout against what Kong was told; leave it out")
            return nil
        }
        return metric
    }

    private static func errorRate(
        _ object: JSONObject, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> Check {
        let rule = "must be a fraction from 0 to 1: 0.01 is 1 %"
        let increase = inspection.real(object, "max_increase", at: pointer, rule) {
            (0...1).contains($0)
        }
        let most = inspection.real(object, "max", at: pointer, rule) { (0...1).contains($0) }
        let isLimited = object.given("max_increase") != nil || object.given("max") != nil
        return .errorRate(
            Check.ErrorRate(maxIncrease: isLimited ? increase : 0.01, max: most))
    }

    private static func latency(
        _ object: JSONObject, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> Check {
        let quantile = inspection.real(
            object, "quantile", at: pointer,
            "must be above 0 and below 1: 0.95 is the 95th percentile"
        ) { $0 > 0 && $0 < 1 }
        let ratio = inspection.real(
            object, "max_ratio", at: pointer,
            "must be a factor from 1 to 1000: 1.25 allows a quarter more than stable's"
        ) { (1...1000).contains($0) }
        let most = inspection.real(
            object, "max_ms", at: pointer,
            "must be milliseconds above 0, at most 3600000"
        ) { $0 > 0 && $0 <= 3_600_000 }
        let isLimited = object.given("max_ratio") != nil || object.given("max_ms") != nil
        return .latency(
            Check.Latency(
                quantile: quantile ?? 0.95, maxRatio: isLimited ? ratio : 1.25,
                maxMilliseconds: most))
    }

    private static func scoreDrift(
        _ object: JSONObject, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> Check {
        let distance = inspection.real(
            object, "max_distance", at: pointer,
            "must be from 0 to 1: the most the two distribution functions may differ anywhere"
        ) { (0...1).contains($0) }
        return .scoreDrift(Check.ScoreDrift(maxDistance: distance ?? 0.1))
    }

    private static func measurement(
        _ object: JSONObject, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> Check? {
        let name = inspection.text(object, "name", at: pointer)
        if object.given("name") == nil {
            inspection.fault(
                pointer.appending("name"), "is required: what the measurement is pushed as")
        }
        if let name, !(1...63).contains(name.unicodeScalars.count) || !KongText.isPrintable(name) {
            inspection.fault(pointer.appending("name"), "must be 1 to 63 printable characters")
        }
        if object.given("better") == nil {
            inspection.fault(
                pointer.appending("better"), "is required: \"higher\" or \"lower\"")
        }
        let better: Check.Measured.Direction? = inspection.word(object, "better", at: pointer)
        let range = range(object, at: pointer, &inspection)
        let width = range.map { $0.upperBound - $0.lowerBound } ?? .greatestFiniteMagnitude
        let harm = inspection.real(
            object, "max_harm", at: pointer,
            "must be from 0 to below the width of the range, in the metric's own unit"
        ) { $0 >= 0 && $0 < width }
        guard let name, let better, let range else { return nil }
        return .measurement(
            Check.Measured(
                name: name, low: range.lowerBound, high: range.upperBound, better: better,
                maxHarm: harm ?? 0))
    }

    private static func range(
        _ object: JSONObject, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> ClosedRange<Double>? {
        let here = pointer.appending("range")
        let rule = "two numbers, the least and the most a value can be, such as [0, 1]"
        guard let value = object.given("range") else {
            inspection.fault(here, "is required: \(rule)")
            return nil
        }
        let ends = (value.array ?? []).compactMap(\.double)
        guard value.array?.count == 2, ends.count == 2, ends[0] < ends[1],
            ends.allSatisfy({ abs($0) <= 1e15 })
        else {
            inspection.fault(here, "must be \(rule), within 1e15 of 0, the first the smaller")
            return nil
        }
        return ends[0]...ends[1]
    }
}
