public import Judgement
public import HTTPMessage
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

    /// Who counts the next body for the rollout of that name and secret; nil: nothing is counted
    /// for it now, or the secret is another, or it cannot be told without waiting.
    ///
    /// Costs less than ``receive(_:for:)``, whose promises hold for it too, and takes as long for
    /// every wrong secret.
    ///
    /// - Parameters:
    ///   - name, secret: as they stand in the path.
    ///   - answer: what is answered to every body.
    func receiver(
        name: Span<UInt8>, secret: Span<UInt8>, answer: PreparedResponse
    ) -> (any BodyReceiver)?

    /// Every number behind the verdict; nil: nothing of that rollout is judged now.
    func assessment(of name: RolloutName, at now: Timestamp) -> Assessment?

    /// What has arrived since the service started; nil: nothing of that rollout is judged now.
    func counts(of name: RolloutName) -> TelemetryCounts?
}

/// What Kong has posted of one rollout, in numbers that only grow.
public struct TelemetryCounts: Hashable, Sendable {
    /// Bodies.
    public let batches: Int
    /// Records that were counted.
    public let records: Int
    /// Records that had been counted before.
    public let duplicates: Int
    /// Records, or pieces of bodies, that are none.
    public let malformed: Int
    /// Attempts on targets of neither version.
    public let foreign: Int

    public init(batches: Int, records: Int, duplicates: Int, malformed: Int, foreign: Int) {
        self.batches = batches
        self.records = records
        self.duplicates = duplicates
        self.malformed = malformed
        self.foreign = foreign
    }
}
