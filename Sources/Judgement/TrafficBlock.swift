/// What one batch of records says of one version.
public struct VersionSample: Hashable, Sendable {
    /// Tries on this version's targets, each counted, however many a request took.
    public var attempts: Int
    /// Attempts that failed: failed tries, and statuses of 500 and above of the last try.
    public var failures: Int
    /// Failures that no client saw, because the gateway tried again.
    public var hiddenFailures: Int
    /// Requests whose first try was on this version: what the share is observed from.
    public var firstTries: Int
    /// Milliseconds of the model's answers below status 500; 0 or more.
    public var latencies: [Int32]
    /// The model's scores in answers below status 500; finite.
    public var scores: [Double]

    public init(
        attempts: Int = 0, failures: Int = 0, hiddenFailures: Int = 0, firstTries: Int = 0,
        latencies: [Int32] = [], scores: [Double] = []
    ) {
        self.attempts = attempts
        self.failures = failures
        self.hiddenFailures = hiddenFailures
        self.firstTries = firstTries
        self.latencies = latencies
        self.scores = scores
    }
}

/// One batch of records as the gateway sent it: one block of every sequential test.
///
/// How a batch is cut must not depend on what is in it; the gateway cuts by number and time.
public struct TrafficBlock: Hashable, Sendable {
    public var stable: VersionSample
    public var canary: VersionSample
    /// Attempts on targets that belong to neither version.
    public var foreign: Int

    public init(
        stable: VersionSample = VersionSample(), canary: VersionSample = VersionSample(),
        foreign: Int = 0
    ) {
        self.stable = stable
        self.canary = canary
        self.foreign = foreign
    }
}
