import Glibc
import Rollouts

/// The wall clock, for records. Everything that waits uses a monotonic one.
enum WallClock {
    static let now: @Sendable () -> Timestamp = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// Random identifiers of requests: UUIDs of version 4, RFC 9562.
enum RandomID {
    static let next: @Sendable () -> String = {
        var random = SystemRandomNumberGenerator()
        let high = random.next() & ~0xF000 | 0x4000
        let low = random.next() & ~(0b11 << 62) | 0b10 << 62
        let digits = hex(high) + hex(low)
        let ends = [8, 12, 16, 20, 32]
        var start = 0
        return ends.map { end in
            defer { start = end }
            return String(decoding: digits[start..<end], as: UTF8.self)
        }.joined(separator: "-")
    }

    private static func hex(_ value: UInt64) -> [UInt8] {
        (0..<16).map { place in
            let digit = UInt8(value >> (60 - 4 * UInt64(place)) & 0xF)
            return digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a")
        }
    }
}
