/// Where a model server listens: a host name, an IPv4 address or a bracketed IPv6 address, and a
/// port. Kong adds port 8000 by itself when none is sent, so one is required here.
public struct TargetAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Lower-case host; IPv6 with its brackets, expanded as Kong stores it.
    public let host: String
    /// 1...65535.
    public let port: Int

    /// Reads `host:port` or `[v6]:port`; nil for any other text.
    public init?(_ text: String) {
        let bytes = text.utf8Span.span
        guard let colon = bytes.indices.last(where: { bytes[$0] == UInt8(ascii: ":") }),
            let port = Self.port(bytes.extracting((colon + 1)...))
        else { return nil }
        let name = Substring(text.utf8.prefix(colon))
        guard let host = Self.host(name, bytes.extracting(..<colon)) else { return nil }
        self.host = host
        self.port = port
    }

    public var description: String { "\(host):\(port)" }

    public static func < (one: TargetAddress, other: TargetAddress) -> Bool {
        (one.host, one.port) < (other.host, other.port)
    }

    private static func port(_ digits: Span<UInt8>) -> Int? {
        guard (1...5).contains(digits.count), digits[0] != UInt8(ascii: "0") else { return nil }
        var port = 0
        for place in digits.indices {
            guard (0x30...0x39).contains(digits[place]) else { return nil }
            port = port * 10 + Int(digits[place] & 15)
        }
        return port <= 65_535 ? port : nil
    }

    /// - Parameter bytes: Those of the text.
    private static func host(_ text: Substring, _ bytes: Span<UInt8>) -> String? {
        if text.hasPrefix("["), text.hasSuffix("]") {
            return IPv6Text.expanded(String(text.dropFirst().dropLast())).map { "[\($0)]" }
        }
        guard let spelling = HostSpelling(bytes) else { return nil }
        switch spelling {
        case .asKept: return String(text)
        case .capitals: return text.lowercased()
        case .octetsWithZeros:
            return text.split(separator: ".").compactMap { Int($0) }.map(String.init)
                .joined(separator: ".")
        }
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
