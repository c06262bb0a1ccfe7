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
    func read<Value: Sendable>(
        _ ask: @Sendable (any KongNode) async throws(NodeError) -> Value
    ) async throws(Setback) -> Value {
        var last = "no node is configured"
        for index in roster.order {
            guard !Task.isCancelled else { throw .overtaken }
            do throws(NodeError) {
                let value = try await ask(roster.nodes[index])
                roster.answered(index)
                return value
            } catch {
                last = error.message
                switch error {
                case .unavailable(let message, _):
                    roster.fell(index, silentAt: clock.now(), message)
                case .refused(let message):
                    throw .refused(message)
                case .missing, .conflict:
                    throw .unavailable(last)
                }
            }
        }
        throw .unavailable(last)
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
