internal import Rollouts

/// Reads the parts of a line whose checksum has been found right, in the order they are written.
struct LineReader {
    let text: UnsafeBufferPointer<UInt8>
    private(set) var place: Int

    init(text: UnsafeBufferPointer<UInt8>, place: Int) {
        self.text = text
        self.place = place
    }

    /// Goes past `word` if it stands here.
    mutating func pass(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard place + count <= text.count else { return false }
        for index in 0..<count where text[place + index] != word.utf8Start[index] { return false }
        place += count
        return true
    }

    mutating func integer() -> Int? {
        let isNegative = pass("-")
        var value = 0
        let start = place
        while place < text.count, (0x30...0x39).contains(text[place]) {
            let (tenfold, over) = value.multipliedReportingOverflow(by: 10)
            let digit = Int(text[place] & 15)
            let (sum, beyond) = tenfold.addingReportingOverflow(isNegative ? -digit : digit)
            guard !over, !beyond else { return nil }
            value = sum
            place += 1
        }
        return place > start ? value : nil
    }

    /// The key up to its closing quote, and goes past that; nil for one that no entry may have.
    mutating func key() -> String? {
        let start = place
        while place < text.count, LedgerEntry.isKeyByte(text[place]) { place += 1 }
        guard place > start, place < text.count, text[place] == UInt8(ascii: "\"") else { return nil }
        defer { place += 1 }
        return String(decoding: UnsafeBufferPointer(rebasing: text[start..<place]), as: UTF8.self)
    }

    /// The bytes of the object that begins here; nil, and nothing passed, when none does.
    mutating func object() -> [UInt8]? {
        guard let end = JSONExtent.end(of: text, from: place) else { return nil }
        defer { place = end }
        return Array(UnsafeBufferPointer(rebasing: text[place..<end]))
    }
}

extension [UInt8] {
    mutating func append(_ word: StaticString) {
        append(
            contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    mutating func append(_ word: StaticString, _ number: Int) {
        append(word)
        if number < 0 { append(UInt8(ascii: "-")) }
        let start = count
        var rest = number.magnitude
        repeat {
            append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest != 0
        self[start...].reverse()
    }

    /// Overwrites eight bytes.
    mutating func write(hexadecimal value: UInt32, at offset: Int) {
        for index in 0..<8 {
            let digit = UInt8(truncatingIfNeeded: value >> (28 - 4 * UInt32(index)) & 15)
            self[offset + index] = digit < 10 ? 0x30 + digit : 0x61 + digit - 10
        }
    }
}

extension UInt32 {
    /// Eight lower-case hexadecimal digits; nil when they are not.
    init?(hexadecimal text: UnsafeBufferPointer<UInt8>, at offset: Int) {
        guard offset + 8 <= text.count else { return nil }
        self = 0
        for byte in text[offset..<offset + 8] {
            switch byte {
            case 0x30...0x39: self = self << 4 | UInt32(byte - 0x30)
            case 0x61...0x66: self = self << 4 | UInt32(byte - 0x61 + 10)
            default: return nil
            }
        }
    }
}
