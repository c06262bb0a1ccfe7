/// What a disk holds, and what would be left of it if power failed now.
struct DiskImage {
    static let sector = 512

    struct Inode {
        /// What reads see.
        var current: [UInt8] = []
        /// What power loss leaves for sure.
        var durable: [UInt8] = []
        /// Sectors of `current` that are not synced.
        var dirty: Set<Int> = []

        mutating func write(_ bytes: [UInt8], at offset: Int) {
            current.grow(to: offset + bytes.count)
            current.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            touch(offset..<offset + bytes.count)
        }

        mutating func resize(to length: Int) {
            let before = current.count
            current.grow(to: length)
            current.removeLast(current.count - length)
            touch(min(before, length)..<max(before, length))
        }

        private mutating func touch(_ range: Range<Int>) {
            guard !range.isEmpty else { return }
            dirty.formUnion(range.lowerBound / sector...(range.upperBound - 1) / sector)
        }

        mutating func sync() {
            for place in dirty.sorted() { keep(place) }
            durable.grow(to: current.count)
            durable.removeLast(durable.count - current.count)
            dirty = []
        }

        /// A sync that fails may have written some sectors, and forgets the others: a later sync
        /// does not write them either.
        mutating func syncInVain(_ dice: inout Dice) {
            let forgets = dice.happens(5_000)
            for place in dirty.sorted() where dice.happens(5_000) {
                keep(place)
                dirty.remove(place)
            }
            if forgets { dirty = [] }
        }

        private mutating func keep(_ place: Int) {
            let start = place * sector
            let end = min(start + sector, current.count)
            guard start < end else { return }
            durable.grow(to: end)
            durable.replaceSubrange(start..<end, with: current[start..<end])
        }

        /// Of what is not synced each sector survives or not, and so does the length.
        mutating func losePower(_ dice: inout Dice) {
            for place in dirty.sorted() where dice.happens(5_000) { keep(place) }
            if dirty.isEmpty == false, dice.happens(5_000) {
                durable.grow(to: current.count)
                durable.removeLast(durable.count - current.count)
            }
            current = durable
            dirty = []
        }
    }

    enum NameChange {
        case make(String, Int)
        case rename(String, to: String)
        case remove(String)

        func apply(to names: inout [String: Int]) {
            switch self {
            case .make(let path, let number): names[path] = number
            case .rename(let path, let other):
                if let number = names.removeValue(forKey: path) { names[other] = number }
            case .remove(let path): names[path] = nil
            }
        }
    }

    var inodes: [Int: Inode] = [:]
    var names: [String: Int] = [:]
    private var durableNames: [String: Int] = [:]
    private var unsyncedNames: [NameChange] = []
    private var last = 0

    mutating func make(_ path: String) -> Int {
        if let number = names[path] {
            inodes[number]?.resize(to: 0)
            return number
        }
        last += 1
        inodes[last] = Inode()
        change(.make(path, last))
        return last
    }

    mutating func change(_ change: NameChange) {
        change.apply(to: &names)
        unsyncedNames.append(change)
    }

    mutating func syncNames() {
        durableNames = names
        unsyncedNames = []
        inodes = inodes.filter { number, _ in names.values.contains(number) }
    }

    var used: Int {
        names.values.reduce(0) { $0 + (inodes[$1]?.current.count ?? 0) }
    }

    /// Changes of names that were not synced survive up to some point, in their order, as on a
    /// journaling file system; rarely one by one.
    mutating func losePower(_ dice: inout Dice) {
        let isOrdered = dice.happens(6_000)
        let kept = dice.roll(unsyncedNames.count + 1)
        for (place, change) in unsyncedNames.enumerated()
        where isOrdered ? place < kept : dice.happens(5_000) {
            change.apply(to: &durableNames)
        }
        names = durableNames
        unsyncedNames = []
        for number in inodes.keys.sorted() { inodes[number]?.losePower(&dice) }
    }
}

extension [UInt8] {
    mutating func grow(to length: Int) {
        if count < length { append(contentsOf: repeatElement(0, count: length - count)) }
    }
}
