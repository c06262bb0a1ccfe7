extension JSONParser {
    /// Reads a string; the position is at its opening quote.
    mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        try passPlainText()
        guard let stop = peek() else { throw fault(.unexpectedEnd) }
        if stop == UInt8(ascii: "\"") {
            defer { position += 1 }
            return decoded(start..<position)
        }
        return try stringWithEscapes(from: start)
    }

    private func decoded(_ range: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: text[range]), as: UTF8.self)
    }

    /// Goes to the next quote or backslash, checking UTF-8 on the way.
    private mutating func passPlainText() throws(JSONSyntaxError) {
        while true {
            position = PlainText.end(in: text, from: position, stopsAtNonASCII: true)
            guard let byte = peek() else { return }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): return
            case 0..<0x20: throw fault(.controlCharacter(byte))
            default:
                let length = UTF8Sequence.length(in: text, at: position)
                guard length > 0 else { throw fault(.invalidUTF8) }
                position += length
            }
        }
    }

    private mutating func stringWithEscapes(from start: Int) throws(JSONSyntaxError) -> String {
        var bytes = Array(text[start..<position])
        while let byte = peek() {
            if byte == UInt8(ascii: "\"") {
                position += 1
                return String(decoding: bytes, as: UTF8.self)
            }
            // The position is at a backslash.
            try escape(into: &bytes)
            let from = position
            try passPlainText()
            bytes.append(contentsOf: text[from..<position])
        }
        throw fault(.unexpectedEnd)
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(JSONSyntaxError) {
        let start = position
        position += 1
        guard let letter = peek() else { throw fault(.unexpectedEnd) }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): bytes.append(contentsOf: try scalar(escapedAt: start).utf8)
        default:
            position = start
            throw fault(.badEscape)
        }
    }

    /// Reads the digits after `\u`, and the second half when the first is one of a pair.
    private mutating func scalar(escapedAt start: Int) throws(JSONSyntaxError) -> Character {
        let first = try hexadecimal()
        var code = UInt32(first)
        if (0xD800...0xDBFF).contains(first),
            peek() == UInt8(ascii: "\\"), position + 1 < text.count,
            text[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let second = try hexadecimal()
            if (0xDC00...0xDFFF).contains(second) {
                code = 0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
            }
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw JSONSyntaxError(.loneSurrogate, at: start, of: text)
        }
        return Character(scalar)
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek() else { throw fault(.unexpectedEnd) }
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: throw fault(.badEscape)
            }
            code = code << 4 | UInt16(digit)
            position += 1
        }
        return code
    }
}
