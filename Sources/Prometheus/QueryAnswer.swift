import JSONText

/// The answer to an instant query: `{"status": "success", "data": {"resultType": …, "result": …}}`
/// (Prometheus HTTP API, "Instant queries").
enum QueryAnswer {
    /// - Returns: nil for an empty vector and for `NaN` and infinities.
    static func value(in bytes: [UInt8], status: Int) throws(PrometheusError) -> Double? {
        let answer: JSONValue
        do { answer = try JSONValue(parsing: bytes) } catch {
            guard (200..<300).contains(status) else {
                throw .refused(status: status, start(of: bytes))
            }
            throw .unreadable("\(error)")
        }
        guard answer["status"]?.string == "success" else {
            throw .refused(status: status, answer["error"]?.string ?? start(of: bytes))
        }
        let data = answer["data"]
        guard let type = data?["resultType"]?.string, let result = data?["result"] else {
            throw .unreadable("no data.resultType or data.result")
        }
        switch type {
        case "scalar":
            return try number(in: result)
        case "vector":
            guard let series = result.array else { throw .unreadable("data.result is no array") }
            guard series.count <= 1 else { throw .manySeries(series.count) }
            guard let only = series.first else { return nil }
            return try number(in: only["value"])
        default:
            throw .unreadable("data.resultType is \"\(type)\", neither scalar nor vector")
        }
    }

    /// `[1435781451.781, "0.5"]`: time in seconds and the value as text.
    private static func number(in sample: JSONValue?) throws(PrometheusError) -> Double? {
        guard let pair = sample?.array, pair.count == 2, let text = pair[1].string else {
            throw .unreadable("a sample is not [time, \"value\"]")
        }
        if ["NaN", "+Inf", "-Inf", "Inf"].contains(text) { return nil }
        guard let value = Double(text), value.isFinite else {
            throw .unreadable("\"\(text)\" is no number")
        }
        return value
    }

    private static func start(of bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(200), as: UTF8.self)
    }
}
