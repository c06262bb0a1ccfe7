import HeapModule
import Rollouts

/// When rollouts want to be looked at again: one heap for all of them.
///
/// A rollout may be in it more than once; whoever is told looks at the rollout as it is then, so
/// an entry too many costs a look.
struct Deadlines {
    private struct Entry: Comparable {
        let due: Timestamp
        let name: RolloutName

        static func < (one: Entry, other: Entry) -> Bool {
            (one.due, one.name) < (other.due, other.name)
        }
    }

    private var heap = Heap<Entry>()
    /// The earliest entry of each rollout, so that equal ones are not heaped up.
    private var earliest: [RolloutName: Timestamp] = [:]

    /// When the next one is due; nil: none.
    var next: Timestamp? { heap.min?.due }

    /// Room for so many rollouts from the first on.
    mutating func reserveCapacity(_ count: Int) { earliest.reserveCapacity(count) }

    mutating func add(_ name: RolloutName, due: Timestamp) {
        if let known = earliest[name], known <= due { return }
        earliest[name] = due
        heap.insert(Entry(due: due, name: name))
    }

    /// Takes one rollout that is due at `now`.
    mutating func popDue(at now: Timestamp) -> RolloutName? {
        while let first = heap.min, first.due <= now {
            heap.removeMin()
            guard earliest[first.name] == first.due else { continue }
            earliest[first.name] = nil
            return first.name
        }
        return nil
    }
}
