public import Rollouts

/// Where Kong's log records go. Called on the server's thread: nothing here may block or wait.
public protocol TelemetryPort: Sendable {
    /// Counts one body as Kong's http-log posts it: a record, or an array of them.
    ///
    /// What cannot be read is counted as such and passed over, never refused: Kong would post it
    /// again for a minute.
    ///
    /// - Parameter body: 1 byte to 8 MiB.
    func receive(_ body: [UInt8], for name: RolloutName)
}
