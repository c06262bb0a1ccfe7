/// Where a model server listens: a host name, an IPv4 address or a bracketed IPv6 address, and a
/// port. Kong adds port 8000 by itself when none is sent, so one is required here.
public struct TargetAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Lower-case host; IPv6 with its brackets, expanded as Kong stores it.
    public let host: String
    /// 1...65535.
    public let port: Int

    /// Reads `host:port` or `[v6]:port`; nil for any other text.
    public init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.first != UInt8(ascii: "0"),
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = Int(digits), (1...65535).contains(port),
            let host = Self.host(String(text[..<colon]))
        else { return nil }
        self.host = host
        self.port = port
    }

    public var description: String { "\(host):\(port)" }

    public static func < (one: TargetAddress, other: TargetAddress) -> Bool {
        (one.host, one.port) < (other.host, other.port)
    }

    private static func host(_ text: String) -> String? {
        if text.hasPrefix("["), text.hasSuffix("]") {
            return IPv6Text.expanded(String(text.dropFirst().dropLast())).map { "[\($0)]" }
        }
        guard (1...253).contains(text.utf8.count) else { return nil }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.utf8.count), label.utf8.first != UInt8(ascii: "-"),
                label.utf8.last != UInt8(ascii: "-")
            else { return nil }
            for byte in label.utf8 {
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    continue
                default:
                    return nil
                }
            }
        }
        if labels.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }) {
            guard labels.count == 4 else { return nil }
            let octets = labels.compactMap { Int($0) }
            guard octets.count == 4, octets.allSatisfy({ $0 <= 255 }) else { return nil }
            return octets.map(String.init).joined(separator: ".")
        }
        return text.lowercased()
    }
}

/// IPv6 addresses in the one form in which Kong stores them (eight groups of four digits).
enum IPv6Text {
    static func expanded(_ text: String) -> String? {
        let halves = text.components(separatedByDoubleColon: ())
        guard halves.count <= 2 else { return nil }
        let head = groups(halves[0])
        let tail = halves.count == 2 ? groups(halves[1]) : []
        guard let head, let tail else { return nil }
        let missing = 8 - head.count - tail.count
        guard halves.count == 2 ? missing >= 1 : missing == 0 else { return nil }
        return (head + Array(repeating: "0000", count: missing) + tail).joined(separator: ":")
    }

    private static func groups(_ text: Substring) -> [String]? {
        guard !text.isEmpty else { return [] }
        var groups: [String] = []
        for group in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard (1...4).contains(group.utf8.count), Int(group, radix: 16) != nil,
                group.utf8.first != UInt8(ascii: "-"), group.utf8.first != UInt8(ascii: "+")
            else { return nil }
            groups.append(
                String(repeating: "0", count: 4 - group.utf8.count) + group.lowercased())
        }
        return groups
    }
}

extension String {
    fileprivate func components(separatedByDoubleColon: Void) -> [Substring] {
        var parts: [Substring] = []
        var start = startIndex
        var index = startIndex
        while index < endIndex {
            let next = self.index(after: index)
            if self[index] == ":", next < endIndex, self[next] == ":" {
                parts.append(self[start..<index])
                start = self.index(after: next)
                index = start
            } else {
                index = next
            }
        }
        parts.append(self[start..<endIndex])
        return parts
    }
}
