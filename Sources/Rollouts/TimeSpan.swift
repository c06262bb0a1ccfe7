/// A length of time in whole seconds, written `1h30m`, `90s`, `10m`.
public struct TimeSpan: Hashable, Comparable, Sendable {
    /// 0...2,592,000: 720 hours.
    public let seconds: Int

    /// The longest time that may be asked for: 720 h.
    public static let longest = 720 * 3600

    public static let zero = TimeSpan(trusted: 0)
    public static let fiveMinutes = TimeSpan(trusted: 300)

    private init(trusted seconds: Int) { self.seconds = seconds }

    /// Returns nil outside 0...720 h.
    public init?(seconds: Int) {
        guard (0...Self.longest).contains(seconds) else { return nil }
        self.seconds = seconds
    }

    /// Reads `(\d+h)?(\d+m)?(\d+s)?`, at least one part; nil for anything else or above 720 h.
    public init?(_ text: String) {
        var total = 0
        var count = 0
        var digits = 0
        // Units fall from part to part, so that none comes twice.
        var last = Int.max
        for byte in text.utf8 {
            if (0x30...0x39).contains(byte) {
                count = count * 10 + Int(byte & 15)
                digits += 1
                guard digits <= 9 else { return nil }
                continue
            }
            guard digits > 0, let unit = Self.seconds(inUnit: byte), unit < last else { return nil }
            total += count * unit
            (count, digits, last) = (0, 0, unit)
        }
        guard digits == 0, !text.isEmpty else { return nil }
        self.init(seconds: total)
    }

    private static func seconds(inUnit letter: UInt8) -> Int? {
        switch letter {
        case UInt8(ascii: "h"): 3600
        case UInt8(ascii: "m"): 60
        case UInt8(ascii: "s"): 1
        default: nil
        }
    }

    public var milliseconds: Int64 { Int64(seconds) * 1000 }

    public static func < (one: TimeSpan, other: TimeSpan) -> Bool { one.seconds < other.seconds }
}

extension TimeSpan: CustomStringConvertible {
    /// The shortest form: `1h30m`, `10m`, `0s`.
    public var description: String {
        guard seconds > 0 else { return "0s" }
        let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
        return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
    }
}
