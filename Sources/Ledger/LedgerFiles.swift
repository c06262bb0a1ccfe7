/// The names in a ledger's directory.
struct LedgerFiles: Sendable {
    let directory: String

    var journal: String { directory + "/journal.jsonl" }
    /// The journal that a compaction is folding into the snapshot.
    var oldJournal: String { directory + "/journal.old.jsonl" }
    var nextJournal: String { directory + "/journal.next.jsonl" }
    var snapshot: String { directory + "/snapshot.json" }
    var nextSnapshot: String { directory + "/snapshot.next.json" }
    var lock: String { directory + "/lock" }
}
