/// The rules for texts in Kong's schemas; each says what is wrong, or `nil`.
enum TextRules {
    static let entityName: @Sendable (String) -> String? = { text in
        let isGood = text.utf8.allSatisfy {
            ASCII.isAlphanumeric($0) || "._~-".utf8.contains($0) || $0 >= 128
        }
        return isGood ? nil
            : "invalid value '\(text)': the only accepted ascii characters are alphanumerics or "
                + "., -, _, and ~"
    }

    static let tag: @Sendable (String) -> String? = { text in
        let isGood = text.utf8.allSatisfy {
            $0 >= 128 || (32...126).contains($0) && $0 != UInt8(ascii: ",")
                && $0 != UInt8(ascii: "/")
        }
        return isGood ? nil
            : "invalid tag '\(text)': expected printable ascii (except `,` and `/`) or valid "
                + "utf-8 sequences"
    }

    static let host: @Sendable (String) -> String? = { text in
        do throws(HostAddress.Refusal) {
            let address = try HostAddress(text)
            return address.port == nil ? nil : "must not have a port"
        } catch {
            return error == .badPort ? "must not have a port" : "invalid value: \(text)"
        }
    }

    static let hostWithOptionalPort: @Sendable (String) -> String? = { text in
        do throws(HostAddress.Refusal) {
            _ = try HostAddress(text)
            return nil
        } catch {
            if error == .badPort { return "invalid port number" }
            let looksNumeric = text.utf8.allSatisfy {
                ASCII.isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":")
            }
            let kind = text.utf8.count { $0 == UInt8(ascii: ":") } > 1
                ? "ipv6 address" : looksNumeric ? "ipv4 address" : "hostname"
            return "invalid \(kind): \(text)"
        }
    }

    static let upstreamName: @Sendable (String) -> String? = { text in
        do throws(HostAddress.Refusal) {
            let address = try HostAddress(text)
            if address.kind != .name { return "Invalid name ('\(text)'); no ip addresses allowed" }
            return address.port == nil ? nil : "Invalid name ('\(text)'); no port allowed"
        } catch {
            return "Invalid name ('\(text)'); must be a valid hostname"
        }
    }

    static let target: @Sendable (String) -> String? = { text in
        do throws(HostAddress.Refusal) {
            _ = try HostAddress(text)
            return nil
        } catch {
            return "Invalid target ('\(text)'); not a valid hostname or ip address"
        }
    }

    static let routeHost: @Sendable (String) -> String? = { text in
        let stars = text.utf8.count { $0 == UInt8(ascii: "*") }
        if stars > 1 { return "invalid wildcard: must have at most one wildcard" }
        if stars == 1, !text.hasPrefix("*."), !text.hasSuffix(".*") {
            return "invalid wildcard: must be placed at leftmost or rightmost label"
        }
        return hostWithOptionalPort(text.replacing("*", with: "abc"))
    }

    static let serverName: @Sendable (String) -> String? = { text in
        do throws(HostAddress.Refusal) {
            let address = try HostAddress(text)
            if address.kind != .name { return "must not be an IP" }
            return address.port == nil ? nil : "must not have a port"
        } catch {
            return error == .badPort ? "must not have a port" : "invalid value: \(text)"
        }
    }

    /// A server name that may begin or end with `*`.
    static let wildcardName: @Sendable (String) -> String? = { text in
        if let star = text.firstIndex(of: "*") {
            let isOutermost = star == text.startIndex || text.index(after: star) == text.endIndex
            if !isOutermost { return "wildcard must be leftmost or rightmost character" }
            if text.utf8.count(where: { $0 == UInt8(ascii: "*") }) > 1 {
                return "only one wildcard must be specified"
            }
        }
        return serverName(text.replacing("*", with: "wildcard"))
    }

    static let path: @Sendable (String) -> String? = { text in
        if !text.hasPrefix("/") { return "should start with: /" }
        if text.contains("//") { return "must not have empty segments" }
        return pathCharacters(text)
    }

    static let routePath: @Sendable (String) -> String? = { text in
        if text.hasPrefix("~/") { return regularExpression(String(text.dropFirst())) }
        if !text.hasPrefix("/") { return "should start with: / (fixed path) or ~/ (regex path)" }
        if text.contains("//") { return "must not have empty segments" }
        if let refusal = pathCharacters(text) { return refusal }
        let normal = normalised(text)
        return normal == text
            ? nil : "non-normalized path, consider use '\(normal)' instead"
    }

    static let headerName: @Sendable (String) -> String? = { text in
        let isGood = text.utf8.allSatisfy { ASCII.isAlphanumeric($0) || "-_".utf8.contains($0) }
        return isGood ? nil
            : "bad header name '\(text)', allowed characters are A-Z, a-z, 0-9, '_', and '-'"
    }

    static let cookieName: @Sendable (String) -> String? = { text in
        let isGood = text.utf8.allSatisfy { ASCII.isAlphanumeric($0) || "-_".utf8.contains($0) }
        return isGood ? nil
            : "bad cookie name '\(text)', allowed characters are A-Z, a-z, 0-9, '_', and '-'"
    }

    static let method: @Sendable (String) -> String? = { text in
        text.utf8.allSatisfy { (65...90).contains($0) } ? nil : "invalid value: \(text)"
    }

    static let url: @Sendable (String) -> String? = { text in
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return "missing host in url" }
        if parts[1].prefix(while: { $0 != "/" && $0 != "?" }).isEmpty { return "missing host in url" }
        return parts[0].isEmpty ? "missing scheme in url" : nil
    }

    private static func pathCharacters(_ text: String) -> String? {
        let isGood = text.utf8.allSatisfy {
            ASCII.isAlphanumeric($0) || ".-_~/%:@!$&'()*+,;=".utf8.contains($0)
        }
        if !isGood {
            return "invalid path: '\(text)' (characters outside of the reserved list of RFC 3986 "
                + "found)"
        }
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "%") {
            let digits = bytes[(index + 1)...].prefix(2)
            if digits.count < 2 || !digits.allSatisfy(ASCII.isHexadecimal) {
                let bad = String(decoding: bytes[index...].prefix(3), as: UTF8.self)
                return "invalid url-encoded value: '\(bad)'"
            }
        }
        return nil
    }

    private static func regularExpression(_ text: String) -> String? {
        do {
            _ = try Regex(text)
            return nil
        } catch {
            return "invalid regex: '\(text)' (PCRE returned: pcre2_compile() failed)"
        }
    }

    /// Unreserved characters unescaped, other escapes in upper case, `.` and `..` resolved.
    private static func normalised(_ text: String) -> String {
        var bytes: [UInt8] = []
        let source = Array(text.utf8)
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "%"), index + 2 < source.count,
                let code = UInt8(
                    String(decoding: source[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                if ASCII.isAlphanumeric(code) || "-._~".utf8.contains(code) {
                    bytes.append(code)
                } else {
                    let escape = String(decoding: source[index...(index + 2)], as: UTF8.self)
                    bytes.append(contentsOf: escape.uppercased().utf8)
                }
                index += 3
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        var kept: [Substring] = []
        let segments = String(decoding: bytes, as: UTF8.self)
            .split(separator: "/", omittingEmptySubsequences: false)
        for (position, segment) in segments.enumerated() {
            let isLast = position == segments.count - 1
            if segment == ".." {
                if kept.count > 1 { kept.removeLast() }
                if isLast { kept.append("") }
            } else if segment != "." {
                kept.append(segment)
            } else if isLast {
                kept.append("")
            }
        }
        return kept.joined(separator: "/")
    }
}
