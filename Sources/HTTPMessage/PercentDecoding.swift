/// Why a percent-encoded text has no meaning.
public enum PercentDecodingError: Error, Equatable, Sendable {
    /// `%` without two hexadecimal digits behind it; `offset` counts bytes from the text's start.
    case badEscape(offset: Int)
    /// The decoded bytes are not UTF-8.
    case notUTF8
    /// A NUL, which no name or value here may hold.
    case holdsNUL
}

/// RFC 3986 percent escapes, strictly: nothing is repaired.
public enum PercentDecoding {
    /// Decodes one path segment or query part.
    ///
    /// - Parameter plusIsSpace: true for query values, as forms encode them.
    public static func decode(
        _ text: some StringProtocol, plusIsSpace: Bool = false
    ) throws(PercentDecodingError) -> String {
        // What is nearly always sent. A string that is valid already needs no look at its bytes.
        let isPlain = text.utf8.allSatisfy { byte in
            byte != UInt8(ascii: "%") && byte != 0 && !(plusIsSpace && byte == UInt8(ascii: "+"))
        }
        if isPlain { return String(text) }
        var decoded: [UInt8] = []
        let bytes = Array(text.utf8)
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.count, let high = hexValue(bytes[index + 1]),
                    let low = hexValue(bytes[index + 2])
                else { throw .badEscape(offset: index) }
                decoded.append(high << 4 | low)
                index += 3
            case UInt8(ascii: "+") where plusIsSpace:
                decoded.append(UInt8(ascii: " "))
                index += 1
            case let byte:
                decoded.append(byte)
                index += 1
            }
        }
        guard !decoded.contains(0) else { throw .holdsNUL }
        guard let string = String(validating: decoded, as: UTF8.self) else { throw .notUTF8 }
        return string
    }

    /// Splits a raw query at `&` and `=` and decodes both sides, in order, repeats kept.
    public static func query(
        _ raw: String
    ) throws(PercentDecodingError) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for part in raw.split(separator: "&", omittingEmptySubsequences: true) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try decode(sides[0], plusIsSpace: true)
            let value = sides.count > 1 ? try decode(sides[1], plusIsSpace: true) : ""
            pairs.append((name, value))
        }
        return pairs
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
