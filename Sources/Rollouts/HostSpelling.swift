/// How a host name or an IPv4 address is spelled. One pass over its bytes: a start reads several
/// of every rollout.
enum HostSpelling {
    /// As Kong keeps it.
    case asKept
    case capitals
    /// An IPv4 address with zeros before its numbers.
    case octetsWithZeros

    /// Nil for what is neither a host name nor an address.
    init?(_ bytes: Span<UInt8>) {
        guard (1...253).contains(bytes.count) else { return nil }
        var (labels, start) = (0, 0)
        var (isNumeric, isSmall) = (true, true)
        var (hasCapitals, hasZeros) = (false, false)
        for end in 0...bytes.count where end == bytes.count || bytes[end] == UInt8(ascii: ".") {
            guard let label = HostLabel(bytes.extracting(start..<end)) else { return nil }
            labels += 1
            start = end + 1
            isNumeric = isNumeric && label.isNumeric
            isSmall = isSmall && label.number <= 255
            hasCapitals = hasCapitals || label.hasCapitals
            hasZeros = hasZeros || label.hasZero
        }
        guard isNumeric else {
            self = hasCapitals ? .capitals : .asKept
            return
        }
        guard labels == 4, isSmall else { return nil }
        self = hasZeros ? .octetsWithZeros : .asKept
    }
}

/// What stands between two dots: 1...63 letters, digits and `_`, with `-` within.
private struct HostLabel {
    private(set) var isNumeric = true
    private(set) var hasCapitals = false
    /// Its value where it is numeric, at most some billions.
    private(set) var number = 0
    /// More than one digit, the first of them 0.
    let hasZero: Bool

    init?(_ bytes: Span<UInt8>) {
        let hyphen = UInt8(ascii: "-")
        guard (1...63).contains(bytes.count), bytes[0] != hyphen, bytes[bytes.count - 1] != hyphen
        else { return nil }
        hasZero = bytes.count > 1 && bytes[0] == UInt8(ascii: "0")
        for place in bytes.indices {
            switch bytes[place] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                number = min(number, 1 << 30) * 10 + Int(bytes[place] & 15)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), hyphen, UInt8(ascii: "_"):
                isNumeric = false
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                isNumeric = false
                hasCapitals = true
            default: return nil
            }
        }
    }
}
