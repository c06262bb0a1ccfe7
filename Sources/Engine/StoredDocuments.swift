import RolloutJSON
import Rollouts

/// Reads what the ledger kept, on every core: a start must not take long with many rollouts.
enum StoredDocuments {
    /// Documents that one task reads.
    private static let share = 1_000

    /// - Throws: ``StartError/document(key:_:)`` for the first that cannot be read.
    static func read(_ documents: [LoadedLedger.Document]) async throws(StartError) -> [Rollout] {
        let starts = Array(stride(from: 0, to: documents.count, by: share))
        let parts = await withTaskGroup(of: (Int, Result<[Rollout], StartError>).self) { group in
            for start in starts {
                let part = documents[start..<min(start + share, documents.count)]
                group.addTask { (start, Result { () throws(StartError) in try rollouts(in: part) }) }
            }
            var parts: [Int: Result<[Rollout], StartError>] = [:]
            for await (start, part) in group { parts[start] = part }
            return parts
        }
        var all: [Rollout] = []
        all.reserveCapacity(documents.count)
        for start in starts { all += try parts[start]?.get() ?? [] }
        return all
    }

    private static func rollouts(
        in part: ArraySlice<LoadedLedger.Document>
    ) throws(StartError) -> [Rollout] {
        var rollouts: [Rollout] = []
        for document in part {
            do { rollouts.append(try StoredRollout.read(document.json)) } catch {
                throw .document(key: document.key, "\(error)")
            }
        }
        return rollouts
    }
}
