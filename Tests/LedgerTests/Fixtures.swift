import Ledger
import Rollouts

private let time = Timestamp(milliseconds: 1_000_000)

/// A ledger on a simulated disk, with a small reserve so that a full disk is soon reached.
func open(
    _ disk: SimulatedDisk, compactAfter: Int = 1 << 20, now: Timestamp = time,
    note: @escaping @Sendable (LedgerNote) -> Void = { _ in }
) -> JSONLedger {
    JSONLedger(
        directory: "data", program: "test", now: now, compactAfter: compactAfter, reserve: 4096,
        disk: disk, note: note)
}

/// An entry whose document is `{"r":<revision>,"text":<text>}`; without a text it forgets the key.
func entry(
    _ key: String, replacing: Int?, revision: Int, text: String? = "", isUrgent: Bool = false
) -> LedgerEntry {
    LedgerEntry(
        key: key, replacing: replacing, revision: revision,
        document: text.map { Array("{\"r\":\(revision),\"text\":\"\($0)\"}".utf8) },
        event: Array("{\"type\":\"changed\",\"revision\":\(revision)}".utf8), isUrgent: isUrgent)
}
