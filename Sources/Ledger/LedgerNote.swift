/// What a person who runs the service should learn from its log.
public enum LedgerNote: Hashable, Sendable {
    /// The journal was folded into a snapshot of so many bytes.
    case compacted(bytes: Int)
    /// It was not; nothing is lost, the journal grows on and it is tried again later.
    case compactionFailed(reason: String)
    /// The disk failed in a way that could not be put right yet; nothing is saved until it is.
    case writesRefused(reason: String)
    case writesResumed
    /// At the end the journal's unused room could not be given back; nothing is lost.
    case untidyEnd(reason: String)
}

extension LedgerNote: CustomStringConvertible {
    public var description: String {
        switch self {
        case .compacted(let bytes): "the journal was folded into a snapshot of \(bytes) bytes"
        case .compactionFailed(let reason):
            "the journal could not be folded into the snapshot and grows on: \(reason)"
        case .writesRefused(let reason): "nothing can be saved until the disk works: \(reason)"
        case .writesResumed: "the disk works again; changes are saved"
        case .untidyEnd(let reason): "the journal keeps unused room at its end: \(reason)"
        }
    }
}
