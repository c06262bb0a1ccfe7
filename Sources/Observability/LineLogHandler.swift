public import Logging
public import Rollouts
internal import Synchronization

/// Writes each log entry as one line, in the form of swift-log's own handler:
/// `2026-11-23T09:05:00+0000 info kong-rollouts: key=value [Module] message`.
///
/// That one asks the system for the time zone at every line, which costs more than all the rest;
/// here the time is UTC, and its text is made once a second.
public struct LineLogHandler: LogHandler {
    public var logLevel = Logger.Level.info
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let clock: LineClock
    private let sink: LineSink

    /// - Parameter now: wall-clock time.
    public init(
        label: String, now: @escaping @Sendable () -> Timestamp, to sink: LineSink
    ) {
        self.label = label
        clock = LineClock(now: now)
        self.sink = sink
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = event.metadata ?? [:]
        if let provided = metadataProvider?.get() { all.merge(provided) { given, _ in given } }
        if !metadata.isEmpty { all.merge(metadata) { given, _ in given } }
        if let error = event.error {
            all["error.message"] = "\(error)"
            all["error.type"] = "\(String(reflecting: type(of: error)))"
        }
        var line = clock.text
        line.reserveCapacity(256)
        line += " "
        line += event.level.rawValue
        line += " "
        line += label
        line += ":"
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line += " "
            line += key
            line += "="
            if case .string(let text) = value { line += text } else { line += value.description }
        }
        line += " ["
        line += event.source
        line += "] "
        line += event.message.description
        line += "\n"
        sink.put(line)
    }
}

/// The present second as text, made once for each.
private final class LineClock: Sendable {
    private let now: @Sendable () -> Timestamp
    private let made = Mutex<(second: Int64, text: String)>((-1, ""))

    init(now: @escaping @Sendable () -> Timestamp) { self.now = now }

    var text: String {
        let moment = now()
        let second = moment.milliseconds / 1000
        return made.withLock { made in
            if made.second != second { made = (second, "\(moment.description.prefix(19))+0000") }
            return made.text
        }
    }
}
