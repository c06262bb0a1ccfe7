/// What must be true before a step may be left. All that is given must be met, and the share must
/// be confirmed at that moment; nothing given is met as soon as the share is confirmed.
public struct Hold: Hashable, Sendable {
    /// Wall-clock time from confirmation, through restarts; it stands still only in `paused`.
    public var time: TimeSpan?
    /// Requests the canary was observed to answer in this step; at least 1.
    public var requests: Int?
    /// A verdict of healthy.
    public var healthy: Bool
    /// A person, by a bare `step`.
    public var approval: Bool

    public init(
        time: TimeSpan? = nil, requests: Int? = nil, healthy: Bool = false, approval: Bool = false
    ) {
        self.time = time
        self.requests = requests
        self.healthy = healthy
        self.approval = approval
    }

    /// What a step holds for when nothing was said.
    public static let untilApproved = Hold(approval: true)
}

/// A share, and what must hold before moving on from it.
public struct Step: Hashable, Sendable {
    public var share: TrafficShare
    public var hold: Hold

    public init(share: TrafficShare, hold: Hold = .untilApproved) {
        self.share = share
        self.hold = hold
    }
}

/// The shares a rollout climbs through: 1...50, strictly rising, none of them 0.
public struct Steps: Hashable, Sendable {
    public let all: [Step]

    /// The most steps a rollout may have.
    public static let limit = 50

    /// Returns nil unless there are 1...50 steps with strictly rising shares above 0.
    public init?(_ steps: [Step]) {
        guard (1...Self.limit).contains(steps.count), let first = steps.first,
            first.share > .none,
            zip(steps, steps.dropFirst()).allSatisfy({ $0.share < $1.share })
        else { return nil }
        all = steps
    }

    public var count: Int { all.count }
    public subscript(index: Int) -> Step { all[index] }

    /// The first step above `share`; nil if the plan has none.
    public func first(above share: TrafficShare) -> Int? {
        all.firstIndex { $0.share > share }
    }

    /// The last step at or below `share`; nil if all are above it.
    public func last(atOrBelow share: TrafficShare) -> Int? {
        all.lastIndex { $0.share <= share }
    }
}

/// Where a rollout stands in its plan.
public enum Position: Hashable, Sendable {
    /// At step `index` of the plan, counted from 0.
    case planned(Int)
    /// At a share that a person set outside the plan.
    case custom(TrafficShare)

    public func share(in steps: Steps) -> TrafficShare {
        switch self {
        case .planned(let index): steps[index].share
        case .custom(let share): share
        }
    }

    public func hold(in steps: Steps) -> Hold {
        switch self {
        case .planned(let index): steps[index].hold
        case .custom: .untilApproved
        }
    }

    /// The step a person would say the rollout is at; nil below the first one.
    public func index(in steps: Steps) -> Int? {
        switch self {
        case .planned(let index): index
        case .custom(let share): steps.last(atOrBelow: share)
        }
    }

    /// Where a bare `step` leads; nil: to promotion.
    public func next(in steps: Steps) -> Position? {
        switch self {
        case .planned(let index): index + 1 < steps.count ? .planned(index + 1) : nil
        case .custom(let share): steps.first(above: share).map { .planned($0) }
        }
    }
}
