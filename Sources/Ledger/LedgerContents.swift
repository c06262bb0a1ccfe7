internal import Rollouts

/// What the lines read so far amount to.
struct LedgerContents {
    struct Document {
        let sequence: Int
        let time: Int64
        let revision: Int
        let json: [UInt8]
    }

    struct Event {
        let sequence: Int
        let time: Int64
        let key: String
        let json: [UInt8]
    }

    static let eventsPerKey = 500
    static let eventsInAll = 10_000

    private(set) var documents: [String: Document] = [:]
    /// Keys whose last line was a tombstone; what came before may still have them.
    private var removed: Set<String> = []
    private var events: [Event] = []
    private var answers: [String: KeptAnswer] = [:]
    /// The latest entry's.
    private(set) var time: Int64 = 0
    var lastSequence = 0

    mutating func apply(_ line: JournalLine) {
        time = max(time, line.time)
        if let change = line.change {
            if let json = change.document {
                documents[change.key] = Document(
                    sequence: line.sequence, time: line.time, revision: change.revision,
                    json: json)
                if !removed.isEmpty { removed.remove(change.key) }
            } else {
                documents[change.key] = nil
                removed.insert(change.key)
            }
        }
        if let event = line.event {
            events.append(
                Event(sequence: line.sequence, time: line.time, key: line.key, json: event))
            // Twice as many are let in before the surplus is dropped, so that it is done rarely.
            if events.count >= 4 * Self.eventsInAll { events = keptEvents }
        }
        if let answer = line.answer {
            answers[answer.key] = answer
            if answers.count >= 4 * KeptAnswer.limit { dropOldAnswers() }
        }
    }

    /// Takes over what all later lines amount to.
    mutating func apply(_ later: LedgerContents) {
        time = max(time, later.time)
        lastSequence = max(lastSequence, later.lastSequence)
        for key in later.removed { documents[key] = nil }
        documents.merge(later.documents) { $1 }
        events += later.events
        answers.merge(later.answers) { $1 }
    }

    private mutating func dropOldAnswers() {
        let kept = answers(at: time)
        answers = Dictionary(kept.map { ($0.key, $0) }) { $1 }
    }

    /// Oldest first, within the limits.
    var keptEvents: [Event] {
        var kept: [Event] = []
        var perKey: [String: Int] = [:]
        for event in events.reversed() {
            if kept.count == Self.eventsInAll { break }
            let count = perKey[event.key, default: 0]
            guard count < Self.eventsPerKey else { continue }
            perKey[event.key] = count + 1
            kept.append(event)
        }
        return kept.reversed()
    }

    /// Those that have not expired, the ones that last longest first where there are too many.
    func answers(at now: Int64) -> [KeptAnswer] {
        let valid = answers.values.filter { $0.expires.milliseconds > now }
            .sorted { ($1.expires, $1.key) < ($0.expires, $0.key) }
        return Array(valid.prefix(KeptAnswer.limit))
    }
}
