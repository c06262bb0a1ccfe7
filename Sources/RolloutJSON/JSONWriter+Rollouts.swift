public import JSONText
public import Rollouts

/// How the values of rollouts look in JSON, wherever they stand.
extension JSONWriter {
    public mutating func value(_ moment: Timestamp) {
        guard let letters = moment.letters else { return value(moment.description) }
        value(plain: letters.span)
    }

    public mutating func value(_ moment: Timestamp?) {
        if let moment { value(moment) } else { null() }
    }

    /// In percent as people write it: `20`, `0.5`.
    mutating func plain(_ share: TrafficShare) {
        if share.basisPoints % 100 == 0 {
            value(share.basisPoints / 100)
        } else {
            number(hundredths: share.basisPoints)
        }
    }

    /// In percent, always with a decimal: `20.0`.
    public mutating func measured(_ share: TrafficShare?) {
        if let share { number(hundredths: share.basisPoints) } else { null() }
    }

    mutating func value(_ span: TimeSpan?) { value(span?.description) }

    public mutating func value(_ texts: [String]?) {
        guard let texts else { return null() }
        beginArray()
        for text in texts { value(text) }
        endArray()
    }

    mutating func value(_ targets: [TargetAddress]?) {
        guard let targets else { return null() }
        beginArray()
        for target in targets { value(target.description) }
        endArray()
    }

    mutating func value(_ flag: Bool?) {
        if let flag { value(flag) } else { null() }
    }

    mutating func value(_ hold: Hold) {
        beginObject()
        if let time = hold.time {
            key("for")
            value(time.description)
        }
        if let requests = hold.requests {
            key("requests")
            value(requests)
        }
        if hold.healthy {
            key("verdict")
            value("healthy")
        }
        if hold.approval {
            key("approval")
            value(true)
        }
        endObject()
    }

    mutating func value(_ cause: Cause?) {
        guard let cause else { return null() }
        beginObject()
        key("by")
        value(cause.by)
        key("reason")
        value(cause.reason.rawValue)
        key("message")
        value(cause.message)
        key("at")
        value(cause.at)
        key("evidence")
        if cause.evidence.isEmpty, cause.alarm == nil {
            null()
        } else {
            beginObject()
            if let alarm = cause.alarm { members(of: alarm) }
            if !cause.evidence.isEmpty {
                key("differences")
                value(cause.evidence)
            }
            endObject()
        }
        endObject()
    }

    mutating func value(_ differences: [Cause.Difference]) {
        beginArray()
        for difference in differences {
            beginObject()
            key("entity")
            value(difference.entity)
            key("field")
            value(difference.field)
            key("is")
            value(difference.present)
            key("wanted")
            value(difference.wanted)
            endObject()
        }
        endArray()
    }
}
