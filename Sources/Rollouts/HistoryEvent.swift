/// The word under which history keeps what happened; the `type` of an event in the interface.
public enum HistoryType: String, CaseIterable, Sendable {
    case created, surveyed, registered, stepped, confirmed, paused, resumed, amended
    case promoting, promoted, aborting, aborted, drained, deleted, abandoned, judged
}

/// One saved change of a rollout.
public struct HistoryEvent: Hashable, Sendable {
    /// The journal's sequence: global and rising.
    public let id: Int
    public let at: Timestamp
    public let rollout: RolloutName
    /// The rollout's revision after the change.
    public let revision: Int
    public let type: HistoryType
    /// The phase before; nil for `created`.
    public let from: Phase.Name?
    /// The phase after; nil once the rollout is forgotten.
    public let to: Phase.Name?
    public let actor: String
    /// What the actor gave as reason.
    public let reason: String?
    public let data: Details

    /// What else is worth keeping; nothing here is secret.
    public struct Details: Hashable, Sendable {
        /// The share wanted after the change.
        public var asked: TrafficShare?
        /// What Kong was last read to apply, where the event is the last to tell.
        public var applied: TrafficShare?
        public var step: Int?
        public var cause: Cause?
        /// The members that a PATCH changed.
        public var changed: [String]

        public init(
            asked: TrafficShare? = nil, applied: TrafficShare? = nil, step: Int? = nil,
            cause: Cause? = nil, changed: [String] = []
        ) {
            self.asked = asked
            self.applied = applied
            self.step = step
            self.cause = cause
            self.changed = changed
        }
    }

    public init(
        id: Int, at: Timestamp, rollout: RolloutName, revision: Int, type: HistoryType,
        from: Phase.Name?, to: Phase.Name?, actor: String, reason: String?, data: Details
    ) {
        self.id = id
        self.at = at
        self.rollout = rollout
        self.revision = revision
        self.type = type
        self.from = from
        self.to = to
        self.actor = actor
        self.reason = reason
        self.data = data
    }
}
