internal import JSONText

/// Finds where a JSON object ends without reading what is in it.
enum JSONExtent {
    /// The place after the object that begins at `start`; nil when none does, or when it has a
    /// control character, which would break the line it is to stand in.
    static func end(of text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard start < text.count, text[start] == UInt8(ascii: "{") else { return nil }
        var depth = 0
        var place = start
        while place < text.count {
            switch text[place] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth &-= 1
                if depth == 0 { return place &+ 1 }
            case UInt8(ascii: "\""):
                guard let quote = endOfString(in: text, from: place &+ 1) else { return nil }
                place = quote
            case 0..<0x20: return nil
            default: break
            }
            place &+= 1
        }
        return nil
    }

    /// The place of the quote that ends a string; eight bytes at a time where they are plain.
    @inline(__always)
    private static func endOfString(
        in text: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> Int? {
        var place = start
        while true {
            place = PlainText.end(in: text, from: place, stopsAtNonASCII: false)
            guard place < text.count else { return nil }
            switch text[place] {
            case UInt8(ascii: "\""): return place
            case UInt8(ascii: "\\"): place &+= 2
            case _: return nil
            }
        }
    }

    /// Whether the bytes are one object in one line, as far as braces and quotes tell.
    static func isOneLine(_ json: [UInt8]) -> Bool {
        json.withUnsafeBufferPointer { end(of: $0, from: 0) == json.count }
    }
}
