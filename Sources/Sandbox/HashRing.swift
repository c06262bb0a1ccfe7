/// Consistent hashing over weighted addresses.
///
/// Like Kong's in its behaviour — the same value goes to the same address, about 160 points a
/// target, raising a weight only adds points — but with another hash: which value goes where
/// differs from a real Kong.
struct HashRing: Equatable, Sendable {
    private let points: [(at: UInt64, address: Int)]

    init(addresses: [(name: String, weight: Int)]) {
        let total = addresses.reduce(0) { $0 + $1.weight }
        var points: [(at: UInt64, address: Int)] = []
        for (index, address) in addresses.enumerated() where address.weight > 0 {
            let count = max(1, address.weight * addresses.count * 160 / total)
            for point in 0..<count {
                points.append((Self.hash("\(address.name) \(point)"), index))
            }
        }
        self.points = points.sorted { $0.at < $1.at }
    }

    func address(for value: String, where isAvailable: (Int) -> Bool) -> Int? {
        guard !points.isEmpty else { return nil }
        let place = Self.hash(value)
        var low = 0
        var high = points.count
        while low < high {
            let middle = (low + high) / 2
            if points[middle].at < place { low = middle + 1 } else { high = middle }
        }
        for step in 0..<points.count {
            let address = points[(low + step) % points.count].address
            if isAvailable(address) { return address }
        }
        return nil
    }

    static func == (left: HashRing, right: HashRing) -> Bool {
        left.points.elementsEqual(right.points) { $0 == $1 }
    }

    /// FNV-1a with a final mix, so that near values land far apart.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
        return (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
    }
}
