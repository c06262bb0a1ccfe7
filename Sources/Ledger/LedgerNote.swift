/// What a person who runs the service should learn from its log.
public enum LedgerNote: Hashable, Sendable {
    /// The journal was folded into a snapshot of so many bytes.
    case compacted(bytes: Int)
    /// It was not; nothing is lost, the journal grows on and it is tried again later.
    case compactionFailed(reason: String)
    /// The disk failed in a way that could not be put right yet; nothing is saved until it is.
    case writesRefused(reason: String)
    case writesResumed
}
