internal import Glibc
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
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - now: wall-clock time.
    ///   - write: gets each line with its end.
    public init(
        label: String, now: @escaping @Sendable () -> Timestamp,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.label = label
        clock = LineClock(now: now)
        self.write = write
    }

    /// Lines to standard error, each in one write.
    public static func standardError(
        label: String, now: @escaping @Sendable () -> Timestamp
    ) -> LineLogHandler {
        LineLogHandler(label: label, now: now) { line in
            var line = line
            // Nowhere is left to tell that the log cannot be written.
            line.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }
        if let error = event.error {
            all["error.message"] = "\(error)"
            all["error.type"] = "\(String(reflecting: type(of: error)))"
        }
        var line = clock.text
        line += " \(event.level) \(label):"
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value)" }
        line += " [\(event.source)] \(event.message)\n"
        write(line)
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
