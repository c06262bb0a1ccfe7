/// Where a raw path is looked up, made of its bytes alone: a `String` for each request would cost
/// more than the look-up.
///
/// Two paths may share one; who looks up compares the path. The seed keeps that from being
/// arranged.
struct PathHash: Hashable, Sendable {
    struct Seed: Sendable {
        fileprivate let value: UInt64

        init(_ value: UInt64) { self.value = value }

        static func random() -> Seed { Seed(.random(in: 0 ... .max)) }
    }

    private let value: UInt64

    /// Eight bytes at a time, each mixed as in SplitMix64.
    init(_ path: Span<UInt8>, _ seed: Seed) {
        var hash = seed.value ^ UInt64(path.count)
        path.withUnsafeBytes { bytes in
            var start = 0
            while start + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                hash = Self.mixed(hash ^ word)
                start += 8
            }
            var rest: UInt64 = 0
            while start < bytes.count {
                rest = rest << 8 | UInt64(bytes[start])
                start += 1
            }
            hash = Self.mixed(hash ^ rest)
        }
        value = hash
    }

    private static func mixed(_ word: UInt64) -> UInt64 {
        var word = word &+ 0x9e37_79b9_7f4a_7c15
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
