internal import CSimdjson
internal import Judgement
internal import Rollouts
import Synchronization

/// One rollout's counts and trial, behind its own lock, which is held for the identities of at
/// most 256 records or for the counting of one batch: tens of microseconds.
final class RolloutTraffic: Sendable {
    let secret: Secret
    private let state: Mutex<State>

    init(_ traffic: WatchedTraffic, saved: SavedEvidence?, budget: MemoryBudget) {
        secret = Secret(traffic.secret)
        state = Mutex(State(traffic, saved: saved, budget: budget))
    }

    deinit { state.withLock { $0.recent.forgetAll() } }

    var isEnded: Bool { state.withLock { $0.traffic.isEnded } }

    /// Which of `records` were counted before; the others are, from now on. And whose the
    /// targets are.
    func admit(
        _ records: UnsafeBufferPointer<CSJRecord>, at instant: Int64
    ) -> (owners: Owners, isRepeated: Marks) {
        state.withLock { state in
            var isRepeated = Marks()
            let identified = records.count { $0.identity != 0 }
            guard identified > 0, !state.traffic.isEnded else { return (state.owners, isRepeated) }
            state.recent.prepare(for: identified, at: instant)
            for (place, record) in records.enumerated() where record.identity != 0 {
                if state.recent.recognizes(record.identity) { isRepeated.mark(place) }
            }
            return (state.owners, isRepeated)
        }
    }

    func use<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        state.withLock { body(&$0) }
    }

    /// Counts what was read. Nil: the rollout ended meanwhile, and nothing was counted.
    func count(_ batch: Batch, malformed: Int, at instant: Timestamp) -> Notice? {
        state.withLock { state in
            guard !state.traffic.isEnded else { return nil }
            return state.count(batch, malformed: malformed, at: instant)
        }
    }
}

/// A mark or none for each of up to 256 records.
struct Marks: Sendable {
    private var words = SIMD4<UInt64>()

    mutating func mark(_ place: Int) { words[place >> 6] |= 1 << UInt64(place & 63) }

    subscript(place: Int) -> Bool { words[place >> 6] >> UInt64(place & 63) & 1 == 1 }
}

/// Whether the engine is to be told of what was counted.
enum Notice: Sendable {
    case now
    /// It was told less than ``State/noticeInterval`` ago.
    case owed
    /// Nothing has changed.
    case none
}
