import JSONText
import Rollouts
import TrafficIntake

/// A body of log records is counted piece by piece: nothing of it is counted twice, and where it
/// is whole JSON, every element is either a record or malformed.
public struct TelemetryLaw: FuzzLaw {
    public static let name = "telemetry"
    private static let record = """
        {"request":{"id":"a1","method":"GET","uri":"/predict"},"response":{"status":200,"headers":\
        {"x-score":"0.73"}},"upstream_status":"502, 200","latencies":{"proxy":12,"kong":1,\
        "request":14},"tries":[{"ip":"10.0.0.1","port":80,"state":"failed","code":502},{"ip":\
        "10.0.0.2","port":80,"balancer_latency":0}],"target":"canary-version.example.com:80",\
        "score":0.73,"started_at":1700000000000}
        """
    public static let seeds: [[UInt8]] = [
        "[\(record)]", "[]", record, "[\(record),\(record.replacing("a1", with: "b2"))]",
        #"[{"request":{"id":"x"},"response":{"status":503},"tries":{}}]"#, "[1,{},null,[]]",
    ].map { Array($0.utf8) }
    public static let tokens = [
        "{", "}", "[", "]", ",", "\"", "\\", "\\u0041", "\"tries\":", "\"request\":{\"id\":\"",
        "\"status\":", "\"ip\":", "\"port\":65536", "null", "-1", "1e400", "\"target\":",
        "\"latencies\":{\"proxy\":", "\u{0}", "é", "\"upstream_status\":\"-, 200\"",
    ]

    private let intake = TrafficIntake(notice: { _ in })
    private let name: RolloutName
    private let watched: WatchedTraffic

    public init() throws {
        guard let name = RolloutName("fuzzed"),
            let stable = TargetAddress("10.0.0.1:80"),
            let canary = TargetAddress("canary-version.example.com:80")
        else { throw Violation("no names") }
        self.name = name
        watched = WatchedTraffic(
            name: name, secret: "s", policy: .standard, stable: [stable], canary: [canary])
    }

    public func check(_ input: [UInt8]) throws -> Reading {
        intake.forget(name)
        intake.watch(watched, saved: nil)
        // As its user does, or each of these rollouts would be held to be told of.
        _ = intake.noticesDue()
        let before = intake.counts
        guard case .counted(let first) = receive(input, at: 1) else {
            throw Violation("a body was not received")
        }
        let middle = intake.counts
        let records = middle.records - before.records
        let found =
            records + middle.duplicates - before.duplicates + middle.malformed - before.malformed
        try require(first == records, "\(first) were answered, \(records) counted")
        if let elements = Self.elements(input) {
            try require(found == elements, "\(elements) elements, \(found) counted")
        }
        guard case .counted(let again) = receive(input, at: 2) else {
            throw Violation("a body was not received again")
        }
        try require(again <= first, "the same body counted for more the second time")
        return records > 0 ? .taken : .refused
    }

    private func receive(_ input: [UInt8], at instant: Int64) -> Reception {
        input.withUnsafeBytes { intake.receive($0, for: name, at: Timestamp(milliseconds: instant)) }
    }

    /// The length of a JSON array; nil: the input is none that both readers must agree upon.
    private static func elements(_ input: [UInt8]) -> Int? {
        // Control characters count as spaces there, and so does what is no ASCII inside of strings.
        guard input.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return nil }
        // Foundation takes a comma behind the last member.
        do { return try JSONValue(parsing: input).array?.count } catch { return nil }
    }
}
