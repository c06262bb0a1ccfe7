public import JSONText
public import Rollouts

/// How what the traffic showed looks in JSON, wherever it stands.
extension JSONWriter {
    /// In percent with at most two decimals, like the shares beside it.
    public mutating func value(_ observed: ObservedShare?) {
        guard let observed else { return null() }
        beginObject()
        key("percent")
        percent(observed.share)
        key("low")
        percent(observed.low)
        key("high")
        percent(observed.high)
        key("requests")
        value(observed.requests)
        key("window_seconds")
        value(observed.windowSeconds)
        endObject()
    }

    /// With everything that a person needs to agree or to disagree.
    public mutating func value(_ alarm: Alarm?) {
        guard let alarm else { return null() }
        beginObject()
        members(of: alarm)
        endObject()
    }

    /// The members of an alarm, into an object that is open.
    mutating func members(of alarm: Alarm) {
        key("check")
        value(alarm.check)
        key("metric")
        value(alarm.metric.rawValue)
        key("limit")
        value(alarm.limit)
        key("threshold")
        value(alarm.threshold)
        key("canary")
        value(alarm.canary)
        key("stable")
        value(alarm.stable)
        key("canary_count")
        value(alarm.canaryCount)
        key("stable_count")
        value(alarm.stableCount)
        key("e_value")
        value(alarm.evidence)
        key("needed")
        value(alarm.evidenceNeeded)
        key("from")
        value(alarm.from)
        key("to")
        value(alarm.to)
    }

    /// A number, or `null`.
    public mutating func value(_ number: Double?) {
        if let number { value(number) } else { null() }
    }

    private mutating func percent(_ fraction: Double) {
        guard fraction.isFinite else { return null() }
        number(hundredths: Int((min(max(fraction, 0), 1) * 10_000).rounded()))
    }
}
