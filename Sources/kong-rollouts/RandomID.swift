import Glibc
import Synchronization

/// Random identifiers of requests: UUIDs of version 4, RFC 9562.
enum RandomID {
    /// Asked of the system many at a time: each question is a call into the kernel.
    private struct Store {
        private var words: [UInt64] = []

        mutating func take() -> (UInt64, UInt64) {
            if words.isEmpty { refill() }
            return (words.removeLast(), words.removeLast())
        }

        /// 32 words are as many as one question may ask for.
        private mutating func refill() {
            words = [UInt64](repeating: 0, count: 32)
            let isFilled = words.withUnsafeMutableBytes {
                getentropy($0.baseAddress, $0.count) == 0
            }
            if isFilled { return }
            var random = SystemRandomNumberGenerator()
            words = words.map { _ in random.next() }
        }
    }

    private static let store = Mutex(Store())

    static let next: @Sendable () -> String = {
        let (one, other) = store.withLock { $0.take() }
        return text(high: one & ~0xF000 | 0x4000, low: other & ~(0b11 << 62) | 0b10 << 62)
    }

    private static func text(high: UInt64, low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for half in [high, low] {
                for shift in stride(from: 60, through: 0, by: -4) {
                    switch place {
                    case 8, 13, 18, 23:
                        text[place] = UInt8(ascii: "-")
                        place += 1
                    case _: break
                    }
                    let digit = UInt8(truncatingIfNeeded: half >> UInt64(shift)) & 0xF
                    text[place] = digit < 10 ? 0x30 + digit : 0x61 + digit - 10
                    place += 1
                }
            }
            return place
        }
    }

    /// 32 hexadecimal digits that nobody can guess.
    static let secret: @Sendable () -> String = {
        var random = SystemRandomNumberGenerator()
        return [random.next(), random.next()].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
