import Crypto
import HTTPMessage
import HTTPTypes
import JSONText
import Rollouts
import Synchronization

/// Remembers answers, so that a repeated request does nothing twice.
final class IdempotencyKeys: Sendable {
    /// How long an answer is kept: 24 h, in milliseconds.
    static let lifetime: Int64 = 24 * 3600 * 1000

    /// What is known under a key.
    enum Finding: Sendable {
        /// Nothing; the key is now held until ``finish(_:_:)`` or ``release(_:)``.
        case free
        /// The request is being answered.
        case inUse
        /// It was used for another request.
        case differs
        case answered(RememberedAnswer)
    }

    private enum Entry: Sendable {
        case waiting(fingerprint: String)
        case done(RememberedAnswer)
    }

    private struct State: Sendable {
        var entries: [String: Entry] = [:]
        /// Keys with answers, oldest first, from `first` on.
        var order: [(key: String, expires: Timestamp)] = []
        var first = 0
    }

    /// Answers kept at most; beyond, the oldest goes first.
    private let limit: Int
    private let state: Mutex<State>

    init(kept: [KeptAnswer], at now: Timestamp, limit: Int = KeptAnswer.limit) {
        self.limit = limit
        var restored = State()
        for answer in kept.sorted(by: { $0.expires < $1.expires }) where now < answer.expires {
            guard let remembered = RememberedAnswer(answer) else { continue }
            restored.entries[answer.key] = .done(remembered)
            restored.order.append((answer.key, answer.expires))
        }
        state = Mutex(restored)
    }

    func look(_ key: String, fingerprint: String, at now: Timestamp) -> Finding {
        state.withLock { state in
            drop(&state, at: now)
            switch state.entries[key] {
            case nil:
                state.entries[key] = .waiting(fingerprint: fingerprint)
                return .free
            case .waiting(let other):
                return other == fingerprint ? .inUse : .differs
            case .done(let answer):
                return answer.fingerprint == fingerprint ? .answered(answer) : .differs
            }
        }
    }

    func finish(_ key: String, _ answer: RememberedAnswer) {
        state.withLock { state in
            state.entries[key] = .done(answer)
            state.order.append((key, answer.expires))
        }
    }

    /// The request failed: the key may be used again.
    func release(_ key: String) { state.withLock { $0.entries[key] = nil } }

    private func drop(_ state: inout State, at now: Timestamp) {
        while state.first < state.order.count,
            state.order[state.first].expires <= now || state.order.count - state.first > limit
        {
            state.entries[state.order[state.first].key] = nil
            state.first += 1
        }
        if state.first > 1024, state.first > state.order.count / 2 {
            state.order.removeFirst(state.first)
            state.first = 0
        }
    }

    /// Tells requests apart: SHA-256 over method, path, query and body, each after its length.
    static func fingerprint(of request: Request) -> String {
        var hash = SHA256()
        for part in [
            Array(request.method.rawValue.utf8), Array(request.path.utf8),
            Array((request.query ?? "").utf8), request.body,
        ] {
            hash.update(data: Array("\(part.count):".utf8))
            hash.update(data: part)
        }
        return Hexadecimal.text(hash.finalize())
    }

    /// Keys belong to their actor.
    static func key(_ key: String, of actor: Actor) -> String {
        "\(actor.name.utf8.count):\(actor.name):\(key)"
    }
}
