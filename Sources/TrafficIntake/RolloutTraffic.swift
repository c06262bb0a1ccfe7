internal import CSimdjson
internal import Judgement
public import Rollouts
import Synchronization

/// One rollout's counts and trial, behind its own lock, which is held for the identities of at
/// most 256 records or for the counting of one batch: tens of microseconds.
public final class RolloutTraffic: Sendable {
    /// What is counted takes some KiB and some time to be made, and after a start most of many
    /// rollouts wait for their first record: until then only what was told is kept.
    private enum Stage: Sendable {
        case told(WatchedTraffic, saved: SavedEvidence?)
        case counting(Counting)
    }

    private final class Counting: Sendable {
        let state: Mutex<State>

        init(_ state: sending State) { self.state = Mutex(state) }
        deinit { state.withLock { $0.recent.forgetAll() } }
    }

    public let name: RolloutName
    let secret: Secret
    private let stage: Mutex<Stage>
    private let office: IntakeOffice

    init(_ traffic: WatchedTraffic, saved: SavedEvidence?, office: IntakeOffice) {
        name = traffic.name
        secret = Secret(traffic.secret)
        stage = Mutex(.told(traffic, saved: saved))
        self.office = office
    }

    var isEnded: Bool {
        // Under the lock, because to copy what was told out of it costs more than the answer.
        stage.withLock { stage in
            switch stage {
            case .told(let traffic, _): traffic.isEnded
            case .counting(let counting): counting.state.withLock { $0.traffic.isEnded }
            }
        }
    }

    private var counting: Counting {
        stage.withLock { stage in
            switch stage {
            case .counting(let counting): return counting
            case .told(let traffic, let saved):
                let counting = Counting(
                    State(traffic, saved: saved, budget: office.budget))
                stage = .counting(counting)
                return counting
            }
        }
    }

    func use<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        counting.state.withLock { body(&$0) }
    }

    /// Asks for what only records or kept evidence can have brought. Nil: there were none yet.
    func find<Result: Sendable>(_ body: (inout State) -> Result?) -> Result? {
        switch stage.withLock({ $0 }) {
        case .told(_, saved: nil): nil
        case .told, .counting: use(body)
        }
    }

    func isNamed(_ text: Span<UInt8>) -> Bool {
        let name = name.description.utf8
        guard name.count == text.count else { return false }
        var place = 0
        for byte in name {
            guard text[place] == byte else { return false }
            place += 1
        }
        return true
    }

    /// Counts a body, see ``TrafficIntake/receive(_:for:at:)``.
    ///
    /// - Parameter instant: When it was received.
    public func receive(_ body: UnsafeRawBufferPointer, at instant: Timestamp) -> Reception {
        guard !isEnded else { return .ended }
        var batch = Batch(for: self, receivedAt: instant.milliseconds)
        let isReadable = body.count <= TrafficIntake.bodyLimit
        let malformed = isReadable ? office.readers.read(body, into: &batch) ?? 1 : 1
        guard let due = count(batch, malformed: malformed, at: instant) else { return .ended }
        office.counted.withLock { $0.add(batch, malformed: malformed) }
        office.tell(of: self, due)
        return .counted(batch.counted)
    }

    /// Which of `records` were counted before; the others are, from now on. And whose the
    /// targets are.
    func admit(
        _ records: UnsafeBufferPointer<CSJRecord>, at instant: Int64
    ) -> (owners: Owners, isRepeated: Marks) {
        use { state in
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

    /// Counts what was read. Nil: the rollout ended meanwhile, and nothing was counted.
    func count(_ batch: Batch, malformed: Int, at instant: Timestamp) -> Notice? {
        use { state in
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
enum Notice: Hashable, Sendable {
    case now
    /// In so many ticks.
    case due(ticks: Int)
    /// Nothing has changed, or it will be told anyway.
    case none
}
