internal import Synchronization

/// The rows that all nodes share, and what each node has yet to hear of.
///
/// Writes and what follows from them on the node that took them happen under one lock, so that no
/// node ever rebuilds from older rows than another write already showed it.
final class SharedDatabase: Sendable {
    private struct Stored {
        var rows: KongState
        var unheard: [[KongChange]]
        var isUp = true
    }

    private let stored: Mutex<Stored>

    init(nodes: Int, isReadOnly: Bool) {
        stored = Mutex(
            Stored(
                rows: KongState(isReadOnly: isReadOnly),
                unheard: Array(repeating: [], count: nodes)))
    }

    var isUp: Bool {
        get { stored.withLock { $0.isUp } }
        set { stored.withLock { $0.isUp = newValue } }
    }

    /// Answers a request of one node.
    ///
    /// - Parameter follow: brings that node to the changed rows.
    func perform(
        from node: Int,
        _ work: (inout KongState) -> (answer: AdminAnswer, changes: [KongChange]),
        follow: (KongState, [KongChange]) -> Void
    ) -> AdminAnswer {
        stored.withLock { stored in
            let (answer, changes) = work(&stored.rows)
            guard !changes.isEmpty else { return answer }
            for other in stored.unheard.indices where other != node {
                for change in changes where !stored.unheard[other].contains(change) {
                    stored.unheard[other].append(change)
                }
            }
            follow(stored.rows, changes)
            return answer
        }
    }

    /// Gives a node what it has not heard of yet; nothing while the database is down.
    func poll(for node: Int, follow: (KongState, [KongChange]) -> Void) {
        stored.withLock { stored in
            guard stored.isUp, !stored.unheard[node].isEmpty else { return }
            let changes = stored.unheard[node]
            stored.unheard[node] = []
            follow(stored.rows, changes)
        }
    }

    /// Reads the rows; `false` while the database is down.
    func read(_ body: (KongState) -> Void) -> Bool {
        stored.withLock { stored in
            guard stored.isUp else { return false }
            body(stored.rows)
            return true
        }
    }
}
