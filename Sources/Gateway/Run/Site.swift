internal import Rollouts
internal import Synchronization

/// What the rollouts of one gateway share.
final class Site: Sendable {
    let configuration: GatewayConfiguration
    let roster: NodeRoster
    let clock: GatewayClock
    let source: any RolloutSource
    let log: @Sendable (String) -> Void
    private let busyUpstreams = Mutex<Set<String>>([])

    init(
        _ configuration: GatewayConfiguration, clock: GatewayClock, source: any RolloutSource,
        roster: NodeRoster, log: @escaping @Sendable (String) -> Void
    ) {
        self.configuration = configuration
        self.clock = clock
        self.source = source
        self.roster = roster
        self.log = log
    }

    var name: String { configuration.name }

    /// False: another rollout is writing to this upstream.
    func enter(_ upstream: String) -> Bool {
        busyUpstreams.withLock { $0.insert(upstream).inserted }
    }

    func leave(_ upstream: String) {
        busyUpstreams.withLock { _ = $0.remove(upstream) }
    }

    /// Asks the first node that answers. Once its pass was cut off for an abort nothing is asked: a
    /// call that fails for that reason says nothing about the node.
    /// - Parameter isAbort: the next node is asked as well once one was silent for a second.
    func read<Value: Sendable>(
        isAbort: Bool = false,
        _ ask: @escaping @Sendable (any KongNode) async throws(NodeError) -> Value
    ) async throws(Setback) -> Value {
        if isAbort, roster.nodes.count > 1 { return try await readImpatiently(ask) }
        var last = "no node is configured"
        for index in roster.order {
            guard !Task.isCancelled else { throw .overtaken }
            do throws(NodeError) {
                let value = try await ask(roster.nodes[index])
                roster.answered(index)
                return value
            } catch {
                last = try failed(error, at: index)
            }
        }
        throw .unavailable(last)
    }

    /// - Returns: What is told if no other node answers.
    private func failed(_ error: NodeError, at index: Int) throws(Setback) -> String {
        switch error {
        case .unavailable(let message, _):
            roster.fell(index, silentAt: clock.now(), message)
        case .refused(let message):
            throw .refused(message)
        case .missing, .conflict:
            throw .unavailable(error.message)
        }
        return error.message
    }

    private enum Turn<Value: Sendable>: Sendable {
        case answered(Int, Result<Value, NodeError>)
        case late(Int)
    }

    /// Nobody is given up: where all are slow, the first answer counts as it would have.
    private func readImpatiently<Value: Sendable>(
        _ ask: @escaping @Sendable (any KongNode) async throws(NodeError) -> Value
    ) async throws(Setback) -> Value {
        let (nodes, clock) = (roster.nodes, clock)
        let result = await withTaskGroup(of: Turn<Value>.self) { group in
            defer { group.cancelAll() }
            var last = "no node is configured"
            var left = roster.order[...]
            var unheard: Set<Int> = []
            var latest: Int?
            while !Task.isCancelled {
                if latest == nil, let index = left.popFirst() {
                    latest = index
                    unheard.insert(index)
                    group.addTask { .answered(index, await nodes[index].result(of: ask)) }
                    group.addTask {
                        await clock.patienceOfAnAbort()
                        return .late(index)
                    }
                }
                guard !unheard.isEmpty, let turn = await group.next() else {
                    return Result<Value, Setback>.failure(.unavailable(last))
                }
                switch turn {
                case .late(let index):
                    guard unheard.contains(index) else { continue }
                    roster.fell(index, silentAt: clock.now(), "no answer for a second")
                    if latest == index { latest = nil }
                case .answered(let index, .success(let value)):
                    roster.answered(index)
                    return .success(value)
                case .answered(let index, .failure(let error)):
                    guard !Task.isCancelled else { continue }
                    unheard.remove(index)
                    if latest == index { latest = nil }
                    do throws(Setback) { last = try failed(error, at: index) } catch {
                        return .failure(error)
                    }
                }
            }
            return .failure(.overtaken)
        }
        return try result.get()
    }

    /// What the node says of itself, asked once.
    func facts(of index: Int) async -> NodeFacts? {
        if let known = roster.standing(index).facts { return known }
        do throws(NodeError) {
            let facts = try await roster.nodes[index].facts()
            roster.note(facts, of: index)
            return facts
        } catch {
            return nil
        }
    }
}

extension KongNode {
    fileprivate func result<Value>(
        of ask: (any KongNode) async throws(NodeError) -> Value
    ) async -> Result<Value, NodeError> {
        do throws(NodeError) { return .success(try await ask(self)) } catch {
            return .failure(error)
        }
    }
}

/// Why a pass did not get to its end.
enum Setback: Error, Hashable, Sendable {
    /// Nobody answers: again, later.
    case unavailable(String)
    /// Kong declined with a reason.
    case refused(String)
    /// What was read no longer holds: read again.
    case outdated
    /// Something newer was saved.
    case overtaken
}
