/// Timers by the moment they are due; of equal ones the first made is first.
struct TimerHeap {
    private struct Entry {
        let serial: Int
        let timer: Timer

        func isBefore(_ other: Entry) -> Bool {
            (timer.due, serial) < (other.timer.due, other.serial)
        }
    }

    private var heap: [Entry] = []
    private var serial = 0

    var first: Timer? { heap.first?.timer }

    mutating func insert(_ timer: Timer) {
        serial += 1
        heap.append(Entry(serial: serial, timer: timer))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        heap[0] = last
        sink(0)
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].isBefore(heap[least]) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(least, parent)
            parent = least
        }
    }

    /// Takes out all that `isMeant`, in the order in which they were made.
    mutating func remove(_ isMeant: (Timer) -> Bool) -> [Timer] {
        let all = heap.sorted { $0.serial < $1.serial }
        heap = []
        var taken: [Timer] = []
        var kept: [Entry] = []
        for entry in all {
            if isMeant(entry.timer) { taken.append(entry.timer) } else { kept.append(entry) }
        }
        heap = kept
        for index in stride(from: heap.count / 2, through: 0, by: -1) { sink(index) }
        return taken
    }
}
