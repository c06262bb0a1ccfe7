import Gateway

/// One call to the Admin API on its way: it takes effect, and it is answered, and either may be
/// lost.
///
/// `@unchecked Sendable`: only one thread runs at any moment.
final class Exchange<Value: Sendable>: @unchecked Sendable {
    let isWrite: Bool
    var effect: Timer?
    var deadline: Timer?
    private let kong: SimulatedKong
    private let body: () -> Result<Value, NodeError>
    private var hasTakenEffect = false
    private var early: Result<Value, NodeError>?
    private var continuation: CheckedContinuation<Result<Value, NodeError>, Never>?

    init(
        _ kong: SimulatedKong, isWrite: Bool, _ body: @escaping () -> Result<Value, NodeError>
    ) {
        self.kong = kong
        self.isWrite = isWrite
        self.body = body
    }

    func begin(_ continuation: CheckedContinuation<Result<Value, NodeError>, Never>) {
        if let early { return continuation.resume(returning: early) }
        self.continuation = continuation
    }

    @discardableResult
    func takeEffect() -> Result<Value, NodeError> {
        hasTakenEffect = true
        return body()
    }

    func answer(_ result: Result<Value, NodeError>, in time: Duration, of owner: Int) {
        kong.scheduler.after(time, of: owner) { self.finish(result) }
    }

    /// The caller waits no longer. What is on the wire is lost, or arrives within 20 ms.
    func cut(_ reason: String) {
        guard early == nil else { return }
        if isWrite, !hasTakenEffect, effect != nil, kong.dice.happens(5_000) {
            kong.tally.count("kong: late write")
            let late = kong.dice.time(.zero, .milliseconds(20))
            kong.scheduler.after(late) {
                if !self.hasTakenEffect { self.takeEffect() }
            }
        }
        effect?.cancel()
        finish(.failure(.unavailable(reason, isPerhapsApplied: isWrite)))
    }

    private func finish(_ result: Result<Value, NodeError>) {
        guard early == nil else { return }
        early = result
        deadline?.cancel()
        continuation?.resume(returning: result)
        continuation = nil
    }
}
