import JSONText
import Rollouts

/// Writes how a rollout's traffic is judged, in the shape in which it is asked for.
///
/// Every member of the document is there, also where nothing is judged; of a check, the limits
/// that were set.
enum AnalysisWriter {
    static func write(_ policy: AnalysisPolicy, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("enabled")
        writer.value(policy.isEnabled)
        writer.key("alpha")
        writer.value(policy.alpha)
        writer.key("after")
        writer.value(policy.after.description)
        writer.key("on_unhealthy")
        writer.value(policy.onUnhealthy.rawValue)
        writer.key("no_data")
        writer.value(policy.noData.rawValue)
        writer.key("no_data_after")
        writer.value(policy.noDataAfter.description)
        writer.key("require")
        writer.value(policy.requirement.rawValue)
        writer.key("min_requests")
        writer.value(policy.minRequests)
        writer.key("score")
        write(policy.score, into: &writer)
        writer.key("checks")
        writer.beginArray()
        for check in policy.checks { write(check, into: &writer) }
        writer.endArray()
        writer.endObject()
    }

    private static func write(_ score: ScoreSource?, into writer: inout JSONWriter) {
        guard let score else { return writer.null() }
        writer.beginObject()
        switch score {
        case .header(let name):
            writer.key("header")
            writer.value(name)
        case .jsonField(let name):
            writer.key("json_field")
            writer.value(name)
        }
        writer.endObject()
    }

    private static func write(_ check: Check, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("metric")
        writer.value(check.metric.rawValue)
        switch check {
        case .errorRate(let limits):
            writer.member("max_increase", limits.maxIncrease)
            writer.member("max", limits.max)
        case .latency(let limits):
            writer.key("quantile")
            writer.value(limits.quantile)
            writer.member("max_ratio", limits.maxRatio)
            writer.member("max_ms", limits.maxMilliseconds)
        case .scoreDrift(let limits):
            writer.key("max_distance")
            writer.value(limits.maxDistance)
        case .measurement(let measured): write(measured, into: &writer)
        case .prometheus(let query): write(query, into: &writer)
        }
        writer.endObject()
    }

    private static func write(_ measured: Check.Measured, into writer: inout JSONWriter) {
        writer.key("name")
        writer.value(measured.name)
        writer.key("range")
        writer.beginArray()
        writer.value(measured.low)
        writer.value(measured.high)
        writer.endArray()
        writer.key("better")
        writer.value(measured.better.rawValue)
        writer.key("max_harm")
        writer.value(measured.maxHarm)
    }

    private static func write(_ query: Check.Query, into writer: inout JSONWriter) {
        if let server = query.server {
            writer.key("server")
            writer.value(server)
        }
        writer.key("query")
        writer.value(query.query)
        writer.key("interval")
        writer.value(query.interval.description)
        writer.member("max", query.max)
        writer.member("min", query.min)
        writer.key("failure_limit")
        writer.value(query.failureLimit)
    }
}

extension JSONWriter {
    /// A member that is left out where there is nothing.
    fileprivate mutating func member(_ name: StaticString, _ number: Double?) {
        guard let number else { return }
        key(name)
        value(number)
    }
}
