/// Writes JSON straight into bytes; commas come by themselves.
///
/// The caller keeps the shape: every begin has its end, and in an object every value its key.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// - Parameter capacity: Bytes expected, so that the buffer need not grow.
    public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A member's name that the program itself holds.
    ///
    /// - Parameter name: Has nothing to escape: no quote, backslash or control character.
    public mutating func key(_ name: StaticString) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
        bytes.append(UInt8(ascii: "\""))
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    /// A member's name, escaped where needed.
    @_disfavoredOverload
    public mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func value(_ value: String) {
        separate()
        quote(value)
    }

    /// A string that has nothing to escape: no quote, backslash or control character.
    public mutating func value(plain text: Span<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        text.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
    }

    public mutating func value(_ value: Bool) {
        word(value ? "true" : "false")
    }

    public mutating func null() { word("null") }

    public mutating func value(_ value: Int) {
        separate()
        digits(of: value)
    }

    public mutating func value(_ value: JSONNumber) {
        separate()
        text(value.literal)
    }

    /// A finite double by its shortest literal; `null` for the others, which JSON cannot say.
    public mutating func value(_ value: Double) {
        guard let number = JSONNumber(value) else { return null() }
        self.value(number)
    }

    /// A string, or `null`.
    public mutating func value(_ value: String?) {
        if let value { self.value(value) } else { null() }
    }

    /// A number, or `null`.
    public mutating func value(_ value: Int?) {
        if let value { self.value(value) } else { null() }
    }

    public mutating func value(_ value: JSONValue, sortedKeys: Bool = false) {
        switch value {
        case .null: null()
        case .bool(let bool): self.value(bool)
        case .number(let number): self.value(number)
        case .string(let string): self.value(string)
        case .array(let values):
            beginArray()
            for value in values { self.value(value, sortedKeys: sortedKeys) }
            endArray()
        case .object(let object): self.value(object, sortedKeys: sortedKeys)
        }
    }

    public mutating func value(_ object: JSONObject, sortedKeys: Bool = false) {
        beginObject()
        if sortedKeys {
            for member in object.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            ) {
                key(member.name)
                value(member.value, sortedKeys: true)
            }
        } else {
            for member in object {
                key(member.name)
                value(member.value)
            }
        }
        endObject()
    }

    /// `2000` is written `20.0`, `1234` `12.34`, `5` `0.05`.
    public mutating func number(hundredths: Int) {
        separate()
        if hundredths < 0 { bytes.append(UInt8(ascii: "-")) }
        let magnitude = hundredths.magnitude
        digits(ofMagnitude: magnitude / 100)
        let rest = UInt8(magnitude % 100)
        bytes.append(UInt8(ascii: "."))
        bytes.append(0x30 + rest / 10)
        if rest % 10 != 0 { bytes.append(0x30 + rest % 10) }
    }

    /// Where the next value will begin.
    ///
    /// What was written from here on can be written again by ``raw(_:)``.
    public mutating func mark() -> Int {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
        return bytes.count
    }

    /// A value that is JSON already.
    public mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// A value that is JSON already.
    public mutating func raw(_ json: ArraySlice<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }
}

extension JSONWriter {
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func word(_ word: StaticString) {
        separate()
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    private mutating func text(_ text: String) {
        let done: Void? = text.utf8.withContiguousStorageIfAvailable {
            bytes.append(contentsOf: $0)
        }
        if done == nil { bytes.append(contentsOf: text.utf8) }
    }

    private mutating func quote(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        let done: Void? = string.utf8.withContiguousStorageIfAvailable { escape($0) }
        if done == nil { Array(string.utf8).withUnsafeBufferPointer { escape($0) } }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        while true {
            let end = PlainText.end(in: text, from: start, stopsAtNonASCII: false)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<end]))
            guard end < text.count else { return }
            escape(text[end])
            start = end + 1
        }
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0..<0x20:
            bytes.append(contentsOf: [UInt8(ascii: "u"), 0x30, 0x30, 0x30 + byte >> 4])
            let low = byte & 15
            bytes.append(low < 10 ? 0x30 + low : 0x61 + low - 10)
        default: bytes.append(byte)
        }
    }

    private mutating func digits(of value: Int) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        digits(ofMagnitude: value.magnitude)
    }

    private mutating func digits(ofMagnitude magnitude: UInt) {
        let start = bytes.count
        var rest = magnitude
        repeat {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest != 0
        var (low, high) = (start, bytes.count - 1)
        while low < high {
            bytes.swapAt(low, high)
            low += 1
            high -= 1
        }
    }
}
