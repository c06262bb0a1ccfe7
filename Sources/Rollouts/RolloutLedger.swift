/// An answer kept for repeated requests with the same idempotency key.
public struct KeptAnswer: Hashable, Sendable {
    /// Kept at most, on disk and in memory; beyond, the oldest goes first.
    public static let limit = 10_000

    /// The actor's key, whole: unique over all actors.
    public let key: String
    /// One JSON object.
    public let json: [UInt8]
    public let expires: Timestamp

    public init(key: String, json: [UInt8], expires: Timestamp) {
        self.key = key
        self.json = json
        self.expires = expires
    }
}

/// A durable change: one keyed JSON document replaced, with the event that explains it.
public struct LedgerEntry: Sendable {
    public let key: String
    /// The revision that must be there now; nil: the key must be absent.
    public let replacing: Int?
    public let revision: Int
    /// One JSON object; nil: the key is forgotten.
    public let document: [UInt8]?
    /// One JSON object; its id is the sequence that ``RolloutLedger/append(_:at:)`` returns.
    public let event: [UInt8]?
    public let answer: KeptAnswer?
    /// Aborts: may use what is kept in reserve for a full disk.
    public let isUrgent: Bool

    public init(
        key: String, replacing: Int?, revision: Int, document: [UInt8]?, event: [UInt8]? = nil,
        answer: KeptAnswer? = nil, isUrgent: Bool = false
    ) {
        self.key = key
        self.replacing = replacing
        self.revision = revision
        self.document = document
        self.event = event
        self.answer = answer
        self.isUrgent = isUrgent
    }
}

/// Why nothing was saved.
public enum LedgerError: Error, Hashable, Sendable {
    /// The key is not at the revision to be replaced; nil: it is absent.
    case stale(current: Int?)
    /// No space is left for entries that are not urgent.
    case full
    /// The disk said no; memory and disk agree.
    case failed(String)
    /// What is on disk cannot be read: which file and line, and what to do.
    case unreadable(String)
    /// Another process holds the ledger.
    case locked(String)
    case closed
}

/// All that is kept, as read at the start.
public struct LoadedLedger: Sendable {
    public struct Document: Sendable {
        public let key: String
        public let revision: Int
        public let json: [UInt8]

        public init(key: String, revision: Int, json: [UInt8]) {
            self.key = key
            self.revision = revision
            self.json = json
        }
    }

    public struct Event: Sendable {
        public let sequence: Int
        public let key: String
        public let json: [UInt8]

        public init(sequence: Int, key: String, json: [UInt8]) {
            self.sequence = sequence
            self.key = key
            self.json = json
        }
    }

    public let documents: [Document]
    /// Oldest first; at most 500 a key and 10,000 in all.
    public let events: [Event]
    public let answers: [KeptAnswer]
    public let lastSequence: Int
    /// What a person should know, such as a torn tail that was cut.
    public let remarks: [String]

    public init(
        documents: [Document], events: [Event], answers: [KeptAnswer], lastSequence: Int,
        remarks: [String]
    ) {
        self.documents = documents
        self.events = events
        self.answers = answers
        self.lastSequence = lastSequence
        self.remarks = remarks
    }
}

/// The durable store. What ``append(_:at:)`` has returned for survives power loss.
public protocol RolloutLedger: Sendable {
    /// Reads everything. Called once, before the first append.
    func load() async throws(LedgerError) -> LoadedLedger

    /// Replaces the document of one key, or changes nothing. Many may be called at once: they
    /// share one write and one sync. It stays with the caller's actor, so that a batch's callers
    /// go on together.
    ///
    /// - Parameter at: wall-clock time, for the record only.
    /// - Returns: the entry's sequence: global and rising.
    nonisolated(nonsending) func append(
        _ entry: LedgerEntry, at: Timestamp
    ) async throws(LedgerError) -> Int

    /// Keeps an answer alone. It goes with the next batch and may be lost in a crash.
    func keep(_ answer: KeptAnswer) async

    /// Every change from the moment of the call on; ends when the follower falls too far behind.
    func changes() -> AsyncStream<LedgerChange>

    /// Writes what is queued and lets go of the files.
    func close() async
}

/// A change as followers see it, after it was saved.
public struct LedgerChange: Sendable {
    public let sequence: Int
    public let key: String
    public let revision: Int
    public let document: [UInt8]?

    public init(sequence: Int, key: String, revision: Int, document: [UInt8]?) {
        self.sequence = sequence
        self.key = key
        self.revision = revision
        self.document = document
    }
}
