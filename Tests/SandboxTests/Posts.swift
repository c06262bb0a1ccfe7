import JSONText
@testable import Sandbox
import Synchronization

/// Takes log records in place of an endpoint.
final class Posts: Sendable {
    private struct State {
        var bodies: [JSONValue] = []
        var refusals = 0
        var isOpen = true
        var waiting: [CheckedContinuation<Void, Never>] = []
        var underWay = 0
        var mostAtOnce = 0
    }

    private let state = Mutex(State())

    /// Refuses that many posts, then takes them again.
    func refuse(_ count: Int) { state.withLock { $0.refusals = count } }

    /// Lets posts come and answers none until ``open()``.
    func close() { state.withLock { $0.isOpen = false } }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func take(_ body: [UInt8], _ settings: HTTPLogSettings) async -> Bool {
        state.withLock { state in
            state.underWay += 1
            state.mostAtOnce = max(state.mostAtOnce, state.underWay)
        }
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
        let value = try? JSONValue(parsing: body)
        return state.withLock { state in
            state.underWay -= 1
            if state.refusals > 0 {
                state.refusals -= 1
                return false
            }
            if let value { state.bodies.append(value) }
            return true
        }
    }

    /// What was taken, in order.
    var bodies: [JSONValue] { state.withLock { $0.bodies } }
    var underWay: Int { state.withLock { $0.underWay } }
    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }
    var refusalsLeft: Int { state.withLock { $0.refusals } }

    /// The records in them whose path begins with `/predict`.
    var records: [JSONValue] {
        bodies.flatMap { body in body.array.map(Array.init) ?? [body] }
            .filter { $0["request"]?["uri"]?.string?.hasPrefix("/predict") == true }
    }
}
