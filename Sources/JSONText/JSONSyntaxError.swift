/// Why a text is not JSON as RFC 8259 and our limits have it, and where.
public struct JSONSyntaxError: Error, Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        case unexpectedByte(UInt8)
        case unexpectedEnd
        case invalidUTF8
        /// A member name that stands twice in one object.
        case duplicateKey(String)
        case tooDeep(limit: Int)
        case tooLong(limit: Int)
        case badNumber
        case badEscape
        /// A raw control character inside a string.
        case controlCharacter(UInt8)
        /// Half of a surrogate pair, as `\uD800`.
        case loneSurrogate
        /// More text after the value.
        case trailingBytes
    }

    public let kind: Kind
    /// Bytes before the fault.
    public let offset: Int
    /// From 1.
    public let line: Int
    /// In bytes, from 1.
    public let column: Int

    init(_ kind: Kind, at offset: Int, of text: UnsafeBufferPointer<UInt8>) {
        self.kind = kind
        self.offset = offset
        var line = 1
        var lineStart = 0
        for place in 0..<min(offset, text.count) where text[place] == UInt8(ascii: "\n") {
            line += 1
            lineStart = place + 1
        }
        self.line = line
        column = offset - lineStart + 1
    }
}

extension JSONSyntaxError: CustomStringConvertible {
    public var description: String { "\(reason) at line \(line), column \(column)" }

    /// What is wrong, without where.
    public var reason: String {
        switch kind {
        case .unexpectedByte(let byte): "unexpected \(Self.name(of: byte))"
        case .unexpectedEnd: "the text ends too early"
        case .invalidUTF8: "invalid UTF-8"
        case .duplicateKey(let name): "the member \(JSONValue.string(name)) is there twice"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .tooLong(let limit): "longer than \(limit) bytes"
        case .badNumber: "a malformed number"
        case .badEscape: "an unknown or malformed escape in a string"
        case .controlCharacter(let byte): "an unescaped \(Self.name(of: byte)) in a string"
        case .loneSurrogate: "half of a surrogate pair in a string"
        case .trailingBytes: "more text after the end of the value"
        }
    }

    private static func name(of byte: UInt8) -> String {
        if (0x21...0x7E).contains(byte) { return "'\(Character(Unicode.Scalar(byte)))'" }
        let hex = String(byte, radix: 16)
        return "byte 0x" + (hex.utf8.count == 1 ? "0" : "") + hex
    }
}
