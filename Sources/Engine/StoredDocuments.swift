import RolloutJSON
import Rollouts

/// Reads what the ledger kept, on every core: a start must not take long with many rollouts.
enum StoredDocuments {
    /// - Parameter state: what is shown of a rollout.
    /// - Throws: ``StartError/document(key:_:)`` for the first that cannot be read.
    static func read(
        _ documents: [LoadedLedger.Document],
        as state: @escaping @Sendable (Rollout) -> RolloutState
    ) async throws(StartError) -> [RolloutState] {
        let shares = await Shares.map(documents) { share in
            Result { () throws(StartError) in try states(in: share, as: state) }
        }
        var all: [RolloutState] = []
        all.reserveCapacity(documents.count)
        for share in shares { all += try share.get() }
        return all
    }

    private static func states(
        in share: ArraySlice<LoadedLedger.Document>, as state: (Rollout) -> RolloutState
    ) throws(StartError) -> [RolloutState] {
        var states: [RolloutState] = []
        states.reserveCapacity(share.count)
        var reader = StoredRollout.Reader()
        for document in share {
            do { states.append(state(try reader.read(document.json))) } catch {
                throw .document(key: document.key, "\(error)")
            }
        }
        return states
    }
}
