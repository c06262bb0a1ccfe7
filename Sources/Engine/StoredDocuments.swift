import RolloutJSON
import Rollouts

/// Reads what the ledger kept, on every core: a start must not take long with many rollouts.
enum StoredDocuments {
    /// - Throws: ``StartError/document(key:_:)`` for the first that cannot be read.
    static func read(_ documents: [LoadedLedger.Document]) async throws(StartError) -> [Rollout] {
        let shares = await Shares.map(documents) { share in
            Result { () throws(StartError) in try rollouts(in: share) }
        }
        var all: [Rollout] = []
        all.reserveCapacity(documents.count)
        for share in shares { all += try share.get() }
        return all
    }

    private static func rollouts(
        in part: ArraySlice<LoadedLedger.Document>
    ) throws(StartError) -> [Rollout] {
        var rollouts: [Rollout] = []
        rollouts.reserveCapacity(part.count)
        var reader = StoredRollout.Reader()
        for document in part {
            do { rollouts.append(try reader.read(document.json)) } catch {
                throw .document(key: document.key, "\(error)")
            }
        }
        return rollouts
    }
}
