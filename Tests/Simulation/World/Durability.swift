import Rollouts

/// Law: acknowledged means durable, and nothing comes back that was not asked for.
///
/// `@unchecked Sendable`: only one thread runs at any moment.
final class Durability: @unchecked Sendable {
    private struct Kept: Equatable {
        let revision: Int
        let document: [UInt8]
    }

    private struct Attempt {
        let number: Int
        let entry: LedgerEntry
        /// The newest attempt when it was answered with an error; nil: it was not answered.
        var failedAt: Int?
    }

    private var acknowledged: [String: Kept] = [:]
    private var attempts: [Attempt] = []
    private var lastAttempt = 0
    private var keys: Set<String> = []
    private let tally: Tally

    init(_ tally: Tally) { self.tally = tally }

    /// - Returns: a number that tells the attempt from others.
    func begins(_ entry: LedgerEntry) -> Int {
        lastAttempt += 1
        attempts.append(Attempt(number: lastAttempt, entry: entry))
        return lastAttempt
    }

    func failed(_ attempt: Int) {
        guard let place = attempts.firstIndex(where: { $0.number == attempt }) else { return }
        attempts[place].failedAt = lastAttempt
    }

    func saved(_ attempt: Int) {
        guard let place = attempts.firstIndex(where: { $0.number == attempt }) else { return }
        let entry = attempts.remove(at: place).entry
        acknowledged[entry.key] = entry.document.map {
            Kept(revision: entry.revision, document: $0)
        }
        if let answer = entry.answer { keys.insert(answer.key) }
        // What failed before this began was taken back before anything else was written.
        attempts.removeAll { ($0.failedAt ?? .max) < attempt }
    }

    /// - Returns: the keys of which something came true that had not been answered.
    func loaded(_ ledger: LoadedLedger) -> Set<String> {
        var surprises: Set<String> = []
        var found: [String: Kept] = [:]
        for document in ledger.documents {
            found[document.key] = Kept(revision: document.revision, document: document.json)
        }
        let all = Set(found.keys).union(acknowledged.keys).union(attempts.map(\.entry.key))
        for key in all.sorted() where found[key] != acknowledged[key] {
            let isPerhaps = attempts.contains { attempt in
                attempt.entry.key == key
                    && attempt.entry.document.map {
                        Kept(revision: attempt.entry.revision, document: $0)
                    } == found[key]
            }
            if isPerhaps {
                surprises.insert(key)
            } else {
                let was = acknowledged[key].map { "\($0.revision)" } ?? "absent"
                let isNow = found[key].map { "\($0.revision)" } ?? "absent"
                tally.accuse("durability: \(key) was acknowledged as \(was), found as \(isNow)")
            }
        }
        let answers = Set(ledger.answers.map(\.key))
        if let lost = keys.subtracting(answers).sorted().first {
            tally.accuse("durability: the key \(lost) was kept with its change and is gone")
        }
        acknowledged = found
        attempts = []
        keys = answers
        return surprises
    }
}
