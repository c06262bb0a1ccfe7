import Synchronization

/// Lets a few tests at a time through. Each starts threads of its own, and a deadline of some
/// hundred milliseconds says nothing about a server while fifty tests fight for two processors.
final class Turnstile: Sendable {
    private struct State {
        var places: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    static let servers = Turnstile(places: 4)
    /// Whether this test has passed already: it needs no second place for a second server.
    @TaskLocal private static var isInside = false
    private let state: Mutex<State>

    init(places: Int) { state = Mutex(State(places: places)) }

    func pass(_ body: @Sendable () async throws -> Void) async throws {
        if Self.isInside { return try await body() }
        await enter()
        defer { leave() }
        try await Self.$isInside.withValue(true) { try await body() }
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.places == 0 {
                    state.waiting.append(continuation)
                    return false
                }
                state.places -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.places += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
