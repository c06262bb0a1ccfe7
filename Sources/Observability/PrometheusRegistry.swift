public import CoreMetrics
import Synchronization

/// A backend of swift-metrics that shows what was counted in Prometheus' text format 0.0.4.
///
/// Label values come from closed sets in the code, so that the number of series is bounded; a
/// series beyond ``seriesLimit`` is not kept.
public final class PrometheusRegistry: MetricsFactory {
    /// Series of all names together.
    public static let seriesLimit = 10_000

    private let series = Mutex<[SeriesKey: any Series]>([:])

    public init() {}

    public func makeCounter(
        label: String, dimensions: [(String, String)]
    ) -> any CounterHandler {
        kept(label, dimensions, CountSeries())
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        kept(label, dimensions, SumSeries())
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        kept(label, dimensions, SumSeries())
    }

    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Everything counted so far; names sorted, each with its help.
    public func text() -> String {
        let all = series.withLock { $0 }
        var lines: [String] = []
        for meter in Meter.allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
            let own = all.filter { $0.key.name == meter.rawValue }
                .sorted { $0.key.labels < $1.key.labels }
            guard let kind = own.first?.value.kind else { continue }
            lines.append("# HELP \(meter.rawValue) \(meter.help)")
            lines.append("# TYPE \(meter.rawValue) \(kind)")
            for (key, value) in own { lines += value.lines(meter.rawValue, key.labels) }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func kept<Kind: Series>(
        _ name: String, _ dimensions: [(String, String)], _ fresh: Kind
    ) -> Kind {
        let key = SeriesKey(name: name, labels: Self.labels(dimensions))
        return series.withLock { series in
            if let known = series[key] as? Kind { return known }
            if series.count < Self.seriesLimit { series[key] = fresh }
            return fresh
        }
    }

    /// `{a="b",c="d"}`, values escaped; empty without dimensions.
    public static func labels(_ dimensions: [(String, String)]) -> String {
        guard !dimensions.isEmpty else { return "" }
        let pairs = dimensions.map { name, value in
            var escaped = ""
            for character in value {
                switch character {
                case "\\": escaped += "\\\\"
                case "\"": escaped += "\\\""
                case "\n": escaped += "\\n"
                case let other: escaped.append(other)
                }
            }
            return "\(name)=\"\(escaped)\""
        }
        return "{\(pairs.joined(separator: ","))}"
    }
}

private struct SeriesKey: Hashable {
    let name: String
    let labels: String
}

private protocol Series: AnyObject, Sendable {
    var kind: String { get }
    func lines(_ name: String, _ labels: String) -> [String]
}

private final class CountSeries: Series, CounterHandler {
    private let count = Atomic<Int64>(0)
    let kind = "counter"

    func increment(by amount: Int64) { count.add(amount, ordering: .relaxed) }
    func reset() { count.store(0, ordering: .relaxed) }
    func lines(_ name: String, _ labels: String) -> [String] {
        ["\(name)\(labels) \(count.load(ordering: .relaxed))"]
    }
}

/// A summary without quantiles: count and sum, of seconds for timers.
private final class SumSeries: Series, RecorderHandler, TimerHandler {
    private let total = Mutex<(count: Int, sum: Double)>((0, 0))
    let kind = "summary"

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        total.withLock { $0 = ($0.count + 1, $0.sum + value) }
    }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func lines(_ name: String, _ labels: String) -> [String] {
        let (count, sum) = total.withLock { $0 }
        return ["\(name)_sum\(labels) \(sum)", "\(name)_count\(labels) \(count)"]
    }
}
