public import Logging
public import CoreMetrics
public import Rollouts

/// Log lines and counts for what happens to rollouts. Messages are constant; what varies is
/// metadata, and nothing in it is secret.
public struct Journalist: Sendable {
    private let logger: Logger
    private let metrics: any MetricsFactory

    public init(logger: Logger, metrics: any MetricsFactory) {
        self.logger = logger
        self.metrics = metrics
    }

    public func saved(_ event: HistoryEvent) {
        Counter(
            label: Meter.events.rawValue, dimensions: [("type", event.type.rawValue)],
            factory: metrics
        ).increment()
        logger.info(
            "rollout changed",
            metadata: [
                "rollout": "\(event.rollout)", "type": "\(event.type.rawValue)",
                "revision": "\(event.revision)", "actor": "\(event.actor)",
                "phase": "\(event.to?.rawValue ?? "none")",
                "asked_percent": "\(event.data.asked?.description ?? "none")",
            ])
    }

    public func notSaved(_ rollout: RolloutName, _ error: LedgerError) {
        Counter(label: Meter.unsaved.rawValue, dimensions: [], factory: metrics).increment()
        logger.error(
            "change not saved", metadata: ["rollout": "\(rollout)", "error": "\(error)"])
    }

    public func remark(_ text: String) { logger.warning("\(text)") }

    /// What the gateway's side has to say, such as a node that does not answer.
    public func kongTold(_ text: String) {
        Counter(label: Meter.kongRemarks.rawValue, dimensions: [], factory: metrics).increment()
        logger.notice("kong", metadata: ["what": "\(text)"])
    }
}
