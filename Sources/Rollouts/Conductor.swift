/// A rollout as it can be shown: what is saved and what was last seen.
///
/// A value that never changes, by reference: it is handed on and read far more often than made.
public final class RolloutState: Sendable {
    public let rollout: Rollout
    public let view: GatewayView
    /// Counts the changes of what is not saved; never repeats for one revision.
    public let viewNumber: Int
    /// What its traffic showed; nil: it is not judged, or nothing has arrived.
    public let traffic: TrafficView?

    public init(
        rollout: Rollout, view: GatewayView, viewNumber: Int, traffic: TrafficView? = nil
    ) {
        self.rollout = rollout
        self.view = view
        self.viewNumber = viewNumber
        self.traffic = traffic
    }

    /// The entity tag without its quotes: `12`, or `12.3` once an unsaved part has moved.
    public var tag: String {
        viewNumber == 0 ? "\(rollout.revision)" : "\(rollout.revision).\(viewNumber)"
    }
}

extension RolloutState: Equatable {
    public static func == (one: RolloutState, other: RolloutState) -> Bool {
        one === other
            || (one.viewNumber == other.viewNumber && one.rollout == other.rollout
                && one.view == other.view && one.traffic == other.traffic)
    }
}

/// What tells one state of a rollout from every other.
public struct RolloutStamp: Hashable, Sendable {
    /// Tells a rollout from an earlier one of the same name.
    public let createdAt: Timestamp
    public let revision: Int
    public let viewNumber: Int

    public init(_ state: RolloutState) {
        createdAt = state.rollout.createdAt
        revision = state.rollout.revision
        viewNumber = state.viewNumber
    }
}

/// Who asks, why, and under which conditions.
public struct CommandTerms: Sendable {
    /// The name of the token, or `anonymous`.
    public let actor: String
    public let reason: String?
    /// The revisions one of which must be the present one; nil: any.
    public let revisions: [Int]?
    /// Kept with the event in one journal record, so that a repeated request is recognised after
    /// a crash.
    public let answer: KeptAnswer?

    public init(actor: String, reason: String?, revisions: [Int]?, answer: KeptAnswer?) {
        self.actor = actor
        self.reason = reason
        self.revisions = revisions
        self.answer = answer
    }
}

/// Why a command did nothing.
public enum CommandError: Error, Sendable {
    case notFound
    case nameTaken
    /// Another rollout that is not ended holds the upstream, service or route named in `entity`.
    case held(by: RolloutName, entity: String)
    case needsAdoption(Cause)
    case invalid(pointer: String, detail: String)
    case refused(Refusal, RolloutState)
    case stale(current: Int)
    /// Not ended, or not drained: it cannot be forgotten.
    case notForgettable(RolloutState)
    /// A PATCH that this phase, or what has already happened, does not allow.
    case notAmendable(pointer: String, detail: String, RolloutState)
    case unavailable(String)
}

/// What was saved, or why nothing had to be.
public struct Receipt: Sendable {
    public let state: RolloutState
    /// False: accepted, and nothing changed.
    public let changed: Bool

    public init(state: RolloutState, changed: Bool) {
        self.state = state
        self.changed = changed
    }
}

/// Members of a PATCH; nil: not given. `progressDeadline` of `.some(nil)`: no limit.
public struct Amendment: Hashable, Sendable {
    public var labels: [String: String]?
    public var adopt: Bool?
    public var progressDeadline: TimeSpan??
    public var steps: Steps?
    public var analysis: AnalysisPolicy?

    public init(
        labels: [String: String]? = nil, adopt: Bool? = nil,
        progressDeadline: TimeSpan?? = nil, steps: Steps? = nil,
        analysis: AnalysisPolicy? = nil
    ) {
        self.labels = labels
        self.adopt = adopt
        self.progressDeadline = progressDeadline
        self.steps = steps
        self.analysis = analysis
    }
}

/// A part of the history.
public struct HistoryPage: Sendable {
    public let events: [HistoryEvent]
    /// True: older events than these were asked for and are no longer kept.
    public let hasGap: Bool
    /// True: there are more after these.
    public let hasMore: Bool

    public init(events: [HistoryEvent], hasGap: Bool, hasMore: Bool) {
        self.events = events
        self.hasGap = hasGap
        self.hasMore = hasMore
    }
}

/// The one writer, as everybody else sees it. Reads are answered from memory at once.
public protocol Conductor: Sendable {
    func state(of name: RolloutName) -> RolloutState?
    /// Cheaper than the state itself, for those who keep what they made of it.
    func stamp(of name: RolloutName) -> RolloutStamp?
    /// Every rollout, newest first.
    func states() -> [RolloutState]
    /// True once the ledger was read and every rollout is followed.
    var isReady: Bool { get }

    /// Reads Kong and answers what creating would do; nothing is saved.
    func survey(_ plan: RolloutPlan) async throws(CommandError) -> [PlannedCall]
    func create(_ plan: RolloutPlan, _ terms: CommandTerms) async throws(CommandError) -> Receipt
    func perform(
        _ command: Event.Command, on name: RolloutName, _ terms: CommandTerms
    ) async throws(CommandError) -> Receipt
    func amend(
        _ name: RolloutName, _ amendment: Amendment, _ terms: CommandTerms
    ) async throws(CommandError) -> Receipt
    /// Counts pushed values, each of which names a `measurement` check of the rollout and lies
    /// within its range. They are durable when this returns.
    func measured(
        _ measurements: [Measurement], of name: RolloutName, _ terms: CommandTerms
    ) async throws(CommandError) -> Receipt
    /// Forgets an ended, drained rollout; `abandon`: any, without touching Kong.
    func forget(
        _ name: RolloutName, abandon: Bool, _ terms: CommandTerms
    ) async throws(CommandError)
    /// The calls that would be made now.
    func plannedCalls(for name: RolloutName) async throws(CommandError) -> [PlannedCall]
    func gateways() async -> [GatewayDescription]

    /// Waits until `name` has reached one of `phases`, was moved by a command after `epoch`, or
    /// `limit` has passed. Returns the state then; nil: forgotten.
    func settled(
        _ name: RolloutName, since epoch: Int, in phases: Set<Phase.Name>, within limit: Duration
    ) async -> RolloutState?

    /// Kept events after `id`, oldest first; nil name: of all rollouts.
    func history(of name: RolloutName?, after id: Int, limit: Int) -> HistoryPage
    /// Events from the moment of the call on. A follower that falls behind by more than 1,000
    /// events gets the end of the stream.
    func follow(_ name: RolloutName?) -> AsyncStream<HistoryEvent>
    /// The newest event's id; 0 before the first.
    var lastEventID: Int { get }

    /// Keeps an answer for repeated requests; lost answers cost only exactness after a crash.
    func keep(_ answer: KeptAnswer) async
    /// What was kept and has not expired, as read at the start.
    func keptAnswers() -> [KeptAnswer]
}
