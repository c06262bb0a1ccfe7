/// What a simulated disk knows of its files and their names.
extension SimulatedDisk {
    enum NameChange {
        case make(String, Int32)
        case rename(String, to: String)
        case remove(String)

        func apply(to names: inout [String: Int32]) {
            switch self {
            case .make(let path, let number): names[path] = number
            case .rename(let path, let other):
                if let number = names.removeValue(forKey: path) { names[other] = number }
            case .remove(let path): names[path] = nil
            }
        }
    }

    struct Inode {
        var current: [UInt8] = []
        /// Bytes that have space on the disk.
        var room = 0
        /// What undoes the changes since the last sync, the latest last.
        var unsynced: [(offset: Int, old: [UInt8], length: Int)] = []

        var durable: [UInt8] {
            var bytes = current
            for change in unsynced.reversed() {
                bytes.grow(to: change.offset + change.old.count)
                bytes.replaceSubrange(
                    change.offset..<change.offset + change.old.count, with: change.old)
                bytes.grow(to: change.length)
                bytes.removeLast(bytes.count - change.length)
            }
            return bytes
        }

        mutating func write(_ bytes: ArraySlice<UInt8>, at offset: Int) {
            let length = current.count
            current.grow(to: offset + bytes.count)
            let range = offset..<offset + bytes.count
            let old = offset < length ? Array(current[offset..<min(range.upperBound, length)]) : []
            unsynced.append((min(offset, length), old, length))
            current.replaceSubrange(range, with: bytes)
        }

        mutating func resize(to length: Int) {
            let kept = min(length, current.count)
            unsynced.append((kept, Array(current[kept...]), current.count))
            current.grow(to: length)
            current.removeLast(current.count - length)
            room = min(room, length)
        }
    }
}

extension SimulatedDisk.Inode {
    func afterPowerLoss(_ coins: inout some RandomNumberGenerator) -> [UInt8] {
        var survived = durable
        let touched = unsynced.map(\.offset).min() ?? current.count
        guard !unsynced.isEmpty else { return survived }
        if survived.count > current.count && Bool.random(using: &coins) {
            survived.removeLast(survived.count - current.count)
        }
        survived.grow(to: current.count)
        for sector in stride(from: touched / 512 * 512, to: current.count, by: 512)
        where Bool.random(using: &coins) {
            let range = sector..<min(sector + 512, current.count)
            survived.replaceSubrange(range, with: current[range])
        }
        return survived
    }
}

extension [UInt8] {
    mutating func grow(to length: Int) {
        if count < length { append(contentsOf: repeatElement(0, count: length - count)) }
    }
}
