/// One question that is asked of the traffic again and again.
public enum Check: Hashable, Sendable {
    /// Failed attempts over attempts.
    public struct ErrorRate: Hashable, Sendable {
        /// By how much the canary's rate may exceed stable's: 0...1, a difference of fractions.
        public var maxIncrease: Double?
        /// The most the canary's rate may be: 0...1.
        public var max: Double?

        public init(maxIncrease: Double?, max: Double?) {
            self.maxIncrease = maxIncrease
            self.max = max
        }
    }

    /// Time to the first byte of the model's answer.
    public struct Latency: Hashable, Sendable {
        /// Above 0, below 1: 0.95 is the 95th percentile.
        public var quantile: Double
        /// How many times stable's quantile the canary's may be: at least 1.
        public var maxRatio: Double?
        /// The most the canary's quantile may be, in milliseconds.
        public var maxMilliseconds: Double?

        public init(quantile: Double, maxRatio: Double?, maxMilliseconds: Double?) {
            self.quantile = quantile
            self.maxRatio = maxRatio
            self.maxMilliseconds = maxMilliseconds
        }
    }

    /// The distribution of the scores that the model gives.
    public struct ScoreDrift: Hashable, Sendable {
        /// The most the two distribution functions may differ anywhere: 0...1.
        public var maxDistance: Double

        public init(maxDistance: Double) { self.maxDistance = maxDistance }
    }

    /// A number that somebody pushes for each version: accuracy, cost.
    public struct Measured: Hashable, Sendable {
        public enum Direction: String, CaseIterable, Sendable { case higher, lower }

        /// 1...63 characters.
        public var name: String
        /// Values outside are refused.
        public var low: Double
        public var high: Double
        public var better: Direction
        /// By how much the canary may be worse on average, in the metric's own unit.
        public var maxHarm: Double

        public init(
            name: String, low: Double, high: Double, better: Direction, maxHarm: Double
        ) {
            self.name = name
            self.low = low
            self.high = high
            self.better = better
            self.maxHarm = maxHarm
        }
    }

    /// A question put to Prometheus again and again. Carries no guarantee against false alarms.
    public struct Query: Hashable, Sendable {
        /// The configured name of a Prometheus; nil: the only one.
        public var server: String?
        /// PromQL that gives one number; `{{stable}}` and `{{canary}}` become the labels.
        public var query: String
        public var interval: TimeSpan
        /// A value above is a failure.
        public var max: Double?
        /// A value below is a failure.
        public var min: Double?
        /// Failures in this rollout up to which it is not unhealthy: 0...100.
        public var failureLimit: Int

        public init(
            server: String?, query: String, interval: TimeSpan, max: Double?, min: Double?,
            failureLimit: Int
        ) {
            self.server = server
            self.query = query
            self.interval = interval
            self.max = max
            self.min = min
            self.failureLimit = failureLimit
        }
    }

    case errorRate(ErrorRate)
    case latency(Latency)
    case scoreDrift(ScoreDrift)
    case measurement(Measured)
    case prometheus(Query)

    /// The words of the interface. `share` is judged in every rollout without being asked for.
    public enum Metric: String, CaseIterable, Sendable {
        case errorRate = "error_rate"
        case latency
        case scoreDrift = "score_drift"
        case measurement
        case prometheus
        case share
    }

    public var metric: Metric {
        switch self {
        case .errorRate: .errorRate
        case .latency: .latency
        case .scoreDrift: .scoreDrift
        case .measurement: .measurement
        case .prometheus: .prometheus
        }
    }
}
