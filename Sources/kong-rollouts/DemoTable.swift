import Foundation

/// The demo's table of asked, applied and measured shares.
enum DemoTable {
    static let head =
        "phase        asked %  applied %  measured %   stable   canary   failed"

    static func row(
        _ phase: String, asked: Int, applied: Double?, _ counts: ProxyLoad.Counts
    ) -> String {
        let applied = applied.map { String(format: "%.2f", $0) } ?? "unknown"
        return [
            phase.padding(toLength: 10, withPad: " ", startingAt: 0),
            right("\(asked)", 9), right(applied, 10),
            right(String(format: "%.2f", counts.percent), 11), right("\(counts.stable)", 8),
            right("\(counts.canary)", 8), right("\(counts.failed)", 8),
        ].joined(separator: " ")
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
