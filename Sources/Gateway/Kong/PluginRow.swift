/// One of Kong's plugins as far as a rollout looks at it.
public struct PluginRow: Hashable, Sendable {
    public var id: String
    /// Which plugin: `http-log`, `post-function`, …
    public var name: String
    public var routeID: String?
    public var serviceID: String?
    /// A consumer or a group of them; such a plugin goes before that of a route.
    public var consumerID: String?
    public var isEnabled: Bool
    public var tags: [String]
    public var columns: PluginColumns

    public init(
        id: String, name: String, routeID: String? = nil, serviceID: String? = nil,
        consumerID: String? = nil, isEnabled: Bool = true, tags: [String] = [],
        columns: PluginColumns = .other
    ) {
        self.id = id
        self.name = name
        self.routeID = routeID
        self.serviceID = serviceID
        self.consumerID = consumerID
        self.isEnabled = isEnabled
        self.tags = tags
        self.columns = columns
    }
}

/// A plugin's `config`, of the kinds that a rollout uses.
public enum PluginColumns: Hashable, Sendable {
    case log(LogColumns)
    /// Lua by phase: `header_filter`, `body_filter`, …; phases without any are left out.
    case function([String: [String]])
    /// Of another kind: not looked into.
    case other
}

/// Where http-log posts records, and how.
public struct LogColumns: Hashable, Sendable {
    /// May hold secrets.
    public var endpoint: String
    public var method: String
    public var contentType: String
    /// Milliseconds.
    public var timeout: Int
    /// Milliseconds.
    public var keepalive: Int
    /// May hold secrets.
    public var headers: [String: String]
    /// Lua by the field it makes.
    public var customFields: [String: String]
    public var queue: LogQueue

    public init(
        endpoint: String, method: String = "POST", contentType: String = "application/json",
        timeout: Int = 10_000, keepalive: Int = 60_000, headers: [String: String] = [:],
        customFields: [String: String] = [:], queue: LogQueue
    ) {
        self.endpoint = endpoint
        self.method = method
        self.contentType = contentType
        self.timeout = timeout
        self.keepalive = keepalive
        self.headers = headers
        self.customFields = customFields
        self.queue = queue
    }
}

/// How records are gathered into bodies. Times are in seconds.
public enum LogQueue: Hashable, Sendable {
    /// Since Kong 3.3.
    public struct Batches: Hashable, Sendable {
        public var size: Int
        public var delay: Double
        public var entries: Int
        public var retryTime: Double
        public var firstRetry: Double
        public var lastRetry: Double

        public init(
            size: Int, delay: Double, entries: Int = 10_000, retryTime: Double = 60,
            firstRetry: Double = 0.01, lastRetry: Double = 60
        ) {
            self.size = size
            self.delay = delay
            self.entries = entries
            self.retryTime = retryTime
            self.firstRetry = firstRetry
            self.lastRetry = lastRetry
        }
    }

    case batches(Batches)
    /// Before 3.3; set on a newer Kong these columns still win over the newer ones.
    case flushes(size: Int, delay: Double, retries: Int)

    /// Records in a body at the most.
    public var size: Int {
        switch self {
        case .batches(let batches): batches.size
        case .flushes(let size, _, _): size
        }
    }
}
