/// Which texts Kong 3.x takes as names, paths, hosts and methods.
enum KongText {
    /// Names of services and routes: `^[%w.\-_~\128-\244]+$`. A name in the form of a UUID is left
    /// out, because Kong would read it as an id.
    static func isEntityName(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && !isUUID(text)
            && text.utf8.allSatisfy { byte in
                isAlphanumeric(byte) || ".-_~".utf8.contains(byte) || (128...244).contains(byte)
            }
    }

    /// Names of upstreams are host names: no address, no port.
    static func isUpstreamName(_ text: String) -> Bool {
        isHostName(text) && !isUUID(text)
            && !text.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
    }

    /// A route's host: a host name, a `*.` before it or a `.*` behind it, and perhaps a port.
    static func isRouteHost(_ text: String) -> Bool {
        var name = text[...]
        if let colon = name.utf8.lastIndex(of: UInt8(ascii: ":")) {
            let port = name[name.index(after: colon)...]
            guard let number = Int(port), (1...65535).contains(number), !port.hasPrefix("+") else {
                return false
            }
            name = name[..<colon]
        }
        if name.hasPrefix("*.") { name = name.dropFirst(2) }
        else if name.hasSuffix(".*") { name = name.dropLast(2) }
        return isHostName(String(name))
    }

    /// A path without escapes that name nothing, empty segments, or a query.
    static func isPath(_ text: String) -> Bool {
        let bytes = text.utf8Span.span
        let slash = UInt8(ascii: "/")
        guard (1...1024).contains(bytes.count), bytes[0] == slash else { return false }
        for place in bytes.indices {
            let byte = bytes[place]
            if byte == UInt8(ascii: "%") {
                guard place + 2 < bytes.count, isHexadecimal(bytes[place + 1]),
                    isHexadecimal(bytes[place + 2])
                else { return false }
            } else if byte == slash {
                if place > 0, bytes[place - 1] == slash { return false }
            } else if !isAlphanumeric(byte), !"._~!$&'()*+,;=:@-".utf8.contains(byte) {
                return false
            }
        }
        return true
    }

    /// A path, or `~` and a regular expression, which Kong alone can judge.
    static func isRoutePath(_ text: String) -> Bool {
        guard text.hasPrefix("~") else { return isPath(text) }
        return (2...1024).contains(text.utf8.count) && isPrintable(text)
    }

    static func isMethod(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && text.utf8.allSatisfy { (65...90).contains($0) }
    }

    /// No control characters.
    static func isPrintable(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
            return switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
            default: true
            }
        }
    }

    static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            [8, 13, 18, 23].contains(index) ? byte == UInt8(ascii: "-") : isHexadecimal(byte)
        }
    }

    private static func isHostName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.first != UInt8(ascii: "-") && label.utf8.last != UInt8(ascii: "-")
                && label.utf8.allSatisfy { isAlphanumeric($0) || "-_".utf8.contains($0) }
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}
