/// UUIDs as text: 36 characters in lower or upper case.
enum UUIDText {
    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            switch index {
            case 8, 13, 18, 23: byte == UInt8(ascii: "-")
            default: ASCII.isHexadecimal(byte)
            }
        }
    }

    static func format(_ bytes: [UInt8]) -> String {
        let digits = bytes.map { byte in
            let hex = String(byte, radix: 16)
            return hex.count == 1 ? "0" + hex : hex
        }.joined()
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }

    /// A random UUID (version 4).
    static func random(using generator: inout some RandomNumberGenerator) -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        return format(bytes)
    }

    /// A UUID made of a namespace and a name (version 5, RFC 9562 §5.5).
    static func named(_ name: String, in space: String) -> String {
        let spaceBytes = stride(from: 0, to: 32, by: 2).compactMap { start -> UInt8? in
            let digits = Array(space.utf8.filter { $0 != UInt8(ascii: "-") })
            guard start + 1 < digits.count else { return nil }
            return UInt8(String(decoding: digits[start...(start + 1)], as: UTF8.self), radix: 16)
        }
        var bytes = Array(SHA1.digest(of: spaceBytes + Array(name.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        return format(bytes)
    }
}
