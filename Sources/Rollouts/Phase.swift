/// Where a rollout is in its life.
///
/// `-ing` is passing, `-ed` is final: promoted and aborted rollouts never move again.
public enum Phase: Hashable, Sendable {
    /// Saved; entities are being made, the canary is registered at weight 0 and confirmed.
    case pending(registered: Bool)
    /// The position's share is wanted and not yet confirmed. `held` is the hold's time in
    /// milliseconds that had passed before an interruption.
    case shifting(Position, held: Int64)
    /// The share is confirmed; the hold runs from `since`, with `held` milliseconds to its credit.
    case holding(Position, since: Timestamp, held: Int64)
    /// The clock is stopped; the share stays as before.
    case paused(Pause)
    case promoting
    case promoted
    case aborting(Cause)
    case aborted(Cause)

    /// What was interrupted, and why.
    public struct Pause: Hashable, Sendable {
        public enum Interrupted: Hashable, Sendable {
            case pending(registered: Bool)
            case shifting(Position, held: Int64)
            case holding(Position, held: Int64)
        }

        public let interrupted: Interrupted
        public let cause: Cause

        public init(interrupted: Interrupted, cause: Cause) {
            self.interrupted = interrupted
            self.cause = cause
        }
    }

    /// The words of the interface.
    public enum Name: String, CaseIterable, Sendable {
        case pending, shifting, holding, paused, promoting, promoted, aborting, aborted
    }

    public var name: Name {
        switch self {
        case .pending: .pending
        case .shifting: .shifting
        case .holding: .holding
        case .paused: .paused
        case .promoting: .promoting
        case .promoted: .promoted
        case .aborting: .aborting
        case .aborted: .aborted
        }
    }

    public var isEnded: Bool {
        switch self {
        case .promoted, .aborted: true
        case .pending, .shifting, .holding, .paused, .promoting, .aborting: false
        }
    }

    /// Nil before the first step and where the plan no longer says what is wanted.
    public var position: Position? {
        switch self {
        case .pending, .promoting, .promoted, .aborting, .aborted: nil
        case .shifting(let position, _), .holding(let position, _, _): position
        case .paused(let pause):
            switch pause.interrupted {
            case .pending: nil
            case .shifting(let position, _), .holding(let position, _): position
            }
        }
    }

    public var cause: Cause? {
        switch self {
        case .pending, .shifting, .holding, .promoting, .promoted: nil
        case .paused(let pause): pause.cause
        case .aborting(let cause), .aborted(let cause): cause
        }
    }

    /// The share Kong should give the canary while this phase lasts.
    ///
    /// Total: after a restart nothing else is needed to put traffic right.
    public func wantedShare(in steps: Steps) -> TrafficShare {
        switch self {
        case .pending, .aborting, .aborted: .none
        case .shifting, .holding, .paused: position?.share(in: steps) ?? .none
        case .promoting, .promoted: .all
        }
    }

    /// How far the gateway may go to make Kong match.
    public var posture: Posture {
        switch self {
        case .pending, .shifting, .holding, .promoting, .promoted, .aborting, .aborted:
            .full
        case .paused(let pause):
            switch pause.cause.reason {
            case .requested, .deadlineExceeded, .unhealthy, .noData: .full
            case .loweredInKong: .lowerOnly
            case .needsAdoption, .neverAdoptable, .heldElsewhere, .refusedByKong,
                .weightsNotExact, .entityGone, .contested, .gatewayUnknown:
                .handsOff
            }
        }
    }

    public enum Posture: Sendable {
        /// Make entities and weights match.
        case full
        /// Only take the canary's share down to what is wanted, never up.
        case lowerOnly
        /// Read, report, write nothing.
        case handsOff
    }
}
