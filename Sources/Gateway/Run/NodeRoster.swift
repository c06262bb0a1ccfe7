internal import Synchronization

/// The nodes of one gateway, and which of them answer. Shared by all its rollouts.
final class NodeRoster: Sendable {
    struct Standing: Sendable {
        /// Since when it has not answered; nil: it answers, as far as known.
        var silentSince: Duration?
        var message: String?
        var facts: NodeFacts?
    }

    let nodes: [any KongNode]
    private let standings: Mutex<[Standing]>

    init(_ nodes: [any KongNode]) {
        self.nodes = nodes
        standings = Mutex(nodes.map { _ in Standing() })
    }

    func standing(_ index: Int) -> Standing { standings.withLock { $0[index] } }

    /// Indices, those that answer first.
    var order: [Int] {
        standings.withLock { standings in
            standings.indices.filter { standings[$0].silentSince == nil }
                + standings.indices.filter { standings[$0].silentSince != nil }
        }
    }

    var silent: [Int] {
        standings.withLock { standings in
            standings.indices.filter { standings[$0].silentSince != nil }
        }
    }

    /// Whether no node is known to answer.
    var isDown: Bool { silent.count == nodes.count }

    func answered(_ index: Int) {
        standings.withLock {
            $0[index].silentSince = nil
            $0[index].message = nil
        }
    }

    func fell(_ index: Int, silentAt now: Duration, _ message: String) {
        standings.withLock {
            $0[index].silentSince = $0[index].silentSince ?? now
            $0[index].message = message
        }
    }

    func note(_ facts: NodeFacts, of index: Int) {
        standings.withLock { $0[index].facts = facts }
        answered(index)
    }
}
