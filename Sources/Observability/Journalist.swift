public import Logging
public import CoreMetrics
public import Rollouts

/// Log lines and counts for what happens to rollouts. Messages are constant; what varies is
/// metadata, and nothing in it is secret.
public struct Journalist: Sendable {
    private let logger: Logger
    private let saved: [HistoryType: Counter]
    private let unsaved: Counter
    private let remarks: Counter

    public init(logger: Logger, metrics: any MetricsFactory) {
        self.logger = logger
        saved = Dictionary(
            uniqueKeysWithValues: HistoryType.allCases.map { type in
                let labels = [("type", type.rawValue)]
                let label = Meter.events.rawValue
                return (type, Counter(label: label, dimensions: labels, factory: metrics))
            })
        unsaved = Counter(label: Meter.unsaved.rawValue, dimensions: [], factory: metrics)
        remarks = Counter(label: Meter.kongRemarks.rawValue, dimensions: [], factory: metrics)
    }

    public func saved(_ event: HistoryEvent) {
        saved[event.type]?.increment()
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
        unsaved.increment()
        logger.error(
            "change not saved", metadata: ["rollout": "\(rollout)", "error": "\(error)"])
    }

    public func remark(_ text: String) { logger.warning("\(text)") }

    /// What the gateway's side has to say, such as a node that does not answer.
    public func kongTold(_ text: String) {
        remarks.increment()
        logger.notice("kong", metadata: ["what": "\(text)"])
    }
}
