/// A host with an optional port, read as Kong reads `target`, `name` and `host`.
struct HostAddress: Equatable, Sendable {
    enum Kind: Equatable, Sendable { case name, ipv4, ipv6 }
    enum Refusal: Error, Equatable { case notAHost, badPort }

    let kind: Kind
    /// The name, the four octets re-printed, or the eight expanded groups without brackets.
    let host: String
    let port: Int?

    init(_ text: String) throws(Refusal) {
        let bytes = Array(text.utf8)
        let colons = bytes.count { $0 == UInt8(ascii: ":") }
        if bytes.first == UInt8(ascii: "[") || colons > 1 {
            (host, port) = try Self.readIPv6(text)
            kind = .ipv6
            return
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let bare = String(parts[0])
        let looksNumeric = !bare.isEmpty
            && bare.utf8.allSatisfy { ASCII.isDigit($0) || $0 == UInt8(ascii: ".") }
        if looksNumeric {
            host = try Self.readIPv4(bare)
            kind = .ipv4
        } else {
            let isHostname = !bare.isEmpty && !bare.hasPrefix(".") && !bare.contains("..")
                && bare.utf8.allSatisfy {
                    ASCII.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
                        || $0 == UInt8(ascii: "_")
                }
            guard isHostname else { throw .notAHost }
            host = bare
            kind = .name
        }
        port = parts.count > 1 ? try Self.readPort(parts[1]) : nil
    }

    /// `host:port` as Kong stores a target; IPv6 in brackets.
    func formatted(defaultPort: Int) -> String { "\(bracketed):\(port ?? defaultPort)" }

    var bracketed: String { kind == .ipv6 ? "[\(host)]" : host }

    private static func readPort(_ text: Substring) throws(Refusal) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy(ASCII.isDigit), let port = Int(text),
            port <= 65535
        else { throw .badPort }
        return port
    }

    private static func readIPv4(_ text: String) throws(Refusal) -> String {
        let octets = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard octets.count == 4 else { throw .notAHost }
        var printed: [String] = []
        for octet in octets {
            guard let octet, (0...255).contains(octet) else { throw .notAHost }
            printed.append(String(octet))
        }
        return printed.joined(separator: ".")
    }

    private static func readIPv6(_ text: String) throws(Refusal) -> (String, Int?) {
        var inside = Substring(text)
        var port: Int?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { throw .notAHost }
            inside = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            if !rest.isEmpty {
                guard rest.hasPrefix(":") else { throw .notAHost }
                port = try readPort(rest.dropFirst())
            }
        }
        let halves = String(inside).split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { throw .notAHost }
        let head = try groups(halves[0])
        let tail = halves.count == 2 ? try groups(halves[1]) : []
        let missing = 8 - head.count - tail.count
        guard halves.count == 2 ? missing >= 1 : missing == 0 else { throw .notAHost }
        let all = head + Array(repeating: "0000", count: missing) + tail
        return (all.joined(separator: ":"), port)
    }

    private static func groups(_ text: Substring) throws(Refusal) -> [String] {
        guard !text.isEmpty else { return [] }
        var groups: [String] = []
        for group in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard (1...4).contains(group.utf8.count), group.utf8.allSatisfy(ASCII.isHexadecimal)
            else { throw .notAHost }
            groups.append(String(repeating: "0", count: 4 - group.utf8.count) + group.lowercased())
        }
        return groups
    }
}
