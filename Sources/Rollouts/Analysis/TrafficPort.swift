/// What whoever counts the traffic must know of a rollout.
public struct WatchedRollout: Hashable, Sendable {
    /// A share that Kong was confirmed to serve.
    public struct Step: Hashable, Sendable {
        public let share: TrafficShare
        /// When it was confirmed.
        public let since: Timestamp

        public init(share: TrafficShare, since: Timestamp) {
            self.share = share
            self.since = since
        }
    }

    public let name: RolloutName
    /// What its records are known by.
    public let secret: String
    public let policy: AnalysisPolicy
    public let stable: Version
    public let canary: Version
    /// What targets resolve to: `ip:port` by target.
    public let addresses: [String: [String]]
    /// Nil while a share is on its way.
    public let step: Step?
    /// The share that the traffic is expected to show; nil: none can be expected, because it is
    /// on its way, or the upstream hashes.
    public let expected: TrafficShare?
    /// Logs of the operator whose place ours took.
    public let forwards: [Footing.LogForward]

    public init(
        name: RolloutName, secret: String, policy: AnalysisPolicy, stable: Version, canary: Version,
        addresses: [String: [String]], step: Step?, expected: TrafficShare?,
        forwards: [Footing.LogForward]
    ) {
        self.name = name
        self.secret = secret
        self.policy = policy
        self.stable = stable
        self.canary = canary
        self.addresses = addresses
        self.step = step
        self.expected = expected
        self.forwards = forwards
    }
}

/// A value that somebody pushed for one version.
public struct Measurement: Hashable, Sendable {
    /// The name of a `measurement` check.
    public let metric: String
    public let isCanary: Bool
    /// In the metric's own unit, within its range.
    public let value: Double

    public init(metric: String, isCanary: Bool, value: Double) {
        self.metric = metric
        self.isCanary = isCanary
        self.value = value
    }
}

/// Counts the traffic of rollouts and judges it. Every call returns at once.
public protocol TrafficPort: Sendable {
    /// Begins to count, or takes over what has changed.
    ///
    /// - Parameter evidence: what ``evidence(of:)`` gave before a restart, of which only the first
    ///   call for a rollout makes use; nil: nothing was kept.
    func watch(_ rollout: WatchedRollout, evidence: [UInt8]?)
    func forget(_ name: RolloutName)
    /// The first check that says unhealthy, until it is acknowledged.
    func alarm(of name: RolloutName) -> Alarm?
    /// Somebody, or something, has acted upon the alarm: the same check is not told again.
    func acknowledge(_ name: RolloutName)
    /// Nil: nothing is watched under that name.
    ///
    /// - Parameter withVerdict: false leaves the verdict inconclusive and costs less.
    func view(of name: RolloutName, at now: Timestamp, withVerdict: Bool) -> TrafficView?
    /// When a record last arrived; nil: none has.
    func lastRecord(of name: RolloutName) -> Timestamp?
    /// What must survive a restart, as one JSON object; nil: nothing is watched.
    func evidence(of name: RolloutName) -> [UInt8]?
    func measured(_ measurements: [Measurement], of name: RolloutName, at now: Timestamp)
}
