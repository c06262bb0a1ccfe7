/// The stretch of a string that stands in JSON as it is.
public enum PlainText {
    @usableFromInline static let ones: UInt64 = 0x0101_0101_0101_0101
    @usableFromInline static let tops: UInt64 = 0x8080_8080_8080_8080

    /// The first place from `start` on of a quote, a backslash, a control character or, when
    /// asked for, a byte beyond ASCII; the end of `text` if there is none.
    ///
    /// Eight bytes at a time: a byte's top bit is set in `hits` when it stops the scan. Borrows may
    /// set it above a real hit too, never below, and only the lowest counts.
    @inlinable @inline(__always)
    public static func end(
        in text: UnsafeBufferPointer<UInt8>, from start: Int, stopsAtNonASCII: Bool
    ) -> Int {
        var place = start
        let raw = UnsafeRawBufferPointer(text)
        while place &+ 8 <= raw.count {
            let word = UInt64(
                littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            var hits = (word &- (ones &* 0x20)) & ~word
            hits |= (quote &- ones) & ~quote
            hits |= (backslash &- ones) & ~backslash
            if stopsAtNonASCII { hits |= word }
            hits &= tops
            if hits != 0 { return place &+ hits.trailingZeroBitCount / 8 }
            place &+= 8
        }
        while place < text.count {
            let byte = text[place]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C || (stopsAtNonASCII && byte > 0x7F) {
                return place
            }
            place &+= 1
        }
        return place
    }
}

/// One character's bytes in UTF-8.
enum UTF8Sequence {
    /// How many bytes the well-formed sequence at `place` has (Unicode, table 3-7); 0 for none.
    static func length(in text: UnsafeBufferPointer<UInt8>, at place: Int) -> Int {
        let first = text[place]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard place + length <= text.count, second.contains(text[place + 1]) else { return 0 }
        for rest in (place + 2)..<(place + max(length, 2)) where text[rest] & 0xC0 != 0x80 {
            return 0
        }
        return length
    }
}
