public import CoreMetrics

/// Counts answers without looking anything up: every series is made beforehand.
public struct RequestTally: Sendable {
    private static let methods = ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "other"]
    private static let classes = 1...5

    private let counters: [Counter]
    private let fromMemory: Counter
    private let time: Timer

    public init(metrics: any MetricsFactory) {
        counters = Self.methods.flatMap { method in
            Self.classes.map { hundreds in
                Counter(
                    label: Meter.requests.rawValue,
                    dimensions: [("method", method), ("status", "\(hundreds)xx")],
                    factory: metrics)
            }
        }
        fromMemory = counters[1]
        time = Timer(label: Meter.requestSeconds.rawValue, dimensions: [], factory: metrics)
    }

    /// Counts a GET that was answered from memory, too fast to be worth timing.
    public func answeredFromMemory() { fromMemory.increment() }

    public func answered(method: String, status: Int, in duration: Duration) {
        let row = Self.methods.firstIndex(of: method) ?? Self.methods.count - 1
        let column = min(max(status / 100, 1), Self.classes.count) - 1
        counters[row * Self.classes.count + column].increment()
        let parts = duration.components
        time.recordNanoseconds(
            parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }
}
