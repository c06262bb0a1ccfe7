public import Rollouts

/// What the intake must know of a rollout: told again whenever something of it changes.
public struct WatchedTraffic: Hashable, Sendable {
    /// A share, and when it was asked for.
    public struct Step: Hashable, Sendable {
        public var share: TrafficShare
        public var since: Timestamp

        public init(share: TrafficShare, since: Timestamp) {
            self.share = share
            self.since = since
        }
    }

    public var name: RolloutName
    /// The word in the path to which Kong posts. Never written anywhere.
    public var secret: String
    public var policy: AnalysisPolicy
    public var stable: [TargetAddress]
    public var canary: [TargetAddress]
    /// What Kong's health answer says: a target, `host:port`, and the addresses behind it,
    /// `ip:port`.
    public var addresses: [String: [String]]
    /// What Kong was told and has confirmed; nil: unknown, or not dealt out by weight.
    public var expectedShare: TrafficShare?
    public var step: Step?
    /// When the step's share was confirmed, and `after` had passed; nil: it is not. Records
    /// received before count for the observed share alone.
    public var judgesSince: Timestamp?
    public var isEnded: Bool

    public init(
        name: RolloutName, secret: String, policy: AnalysisPolicy, stable: [TargetAddress],
        canary: [TargetAddress], addresses: [String: [String]] = [:],
        expectedShare: TrafficShare? = nil, step: Step? = nil, judgesSince: Timestamp? = nil,
        isEnded: Bool = false
    ) {
        self.name = name
        self.secret = secret
        self.policy = policy
        self.stable = stable
        self.canary = canary
        self.addresses = addresses
        self.expectedShare = expectedShare
        self.step = step
        self.judgesSince = judgesSince
        self.isEnded = isEnded
    }

    /// Whether records received at `instant` are evidence.
    func judges(at instant: Timestamp) -> Bool {
        guard !isEnded, let judgesSince else { return false }
        return instant >= judgesSince
    }
}
