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
                place &+= 1
                while place < text.count, text[place] != UInt8(ascii: "\"") {
                    if text[place] < 0x20 { return nil }
                    place &+= text[place] == UInt8(ascii: "\\") ? 2 : 1
                }
            case 0..<0x20: return nil
            default: break
            }
            place &+= 1
        }
        return nil
    }

    /// Whether the bytes are one object in one line, as far as braces and quotes tell.
    static func isOneLine(_ json: [UInt8]) -> Bool {
        json.withUnsafeBufferPointer { end(of: $0, from: 0) == json.count }
    }
}
