/// A strict recursive reader over bytes that stay where they are while it runs.
struct JSONParser {
    let text: UnsafeBufferPointer<UInt8>
    var position = 0
    private let maxDepth: Int
    private var depth = 0
    /// Passed over where it stands as in a document before.
    private var repeated: RepeatedMember?

    private init(_ text: UnsafeBufferPointer<UInt8>, maxDepth: Int, repeated: RepeatedMember?) {
        self.text = text
        self.maxDepth = maxDepth
        self.repeated = repeated
        self.repeated?.beginDocument()
    }

    static func value(
        of text: UnsafeBufferPointer<UInt8>, limits: JSONLimits,
        repeating member: inout RepeatedMember?
    ) throws(JSONSyntaxError) -> JSONValue {
        guard text.count <= limits.maxBytes else {
            throw JSONSyntaxError(.tooLong(limit: limits.maxBytes), at: limits.maxBytes, of: text)
        }
        var parser = JSONParser(text, maxDepth: limits.maxDepth, repeated: member)
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == text.count else { throw parser.fault(.trailingBytes) }
        member = parser.repeated
        return value
    }

    func fault(_ kind: JSONSyntaxError.Kind) -> JSONSyntaxError {
        JSONSyntaxError(kind, at: position, of: text)
    }

    /// What to say of the byte at the present position, which does not fit.
    func unexpected() -> JSONSyntaxError {
        position < text.count ? fault(.unexpectedByte(text[position])) : fault(.unexpectedEnd)
    }

    func peek() -> UInt8? { position < text.count ? text[position] : nil }

    private mutating func skipSpace() {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func value() throws(JSONSyntaxError) -> JSONValue {
        guard let first = peek() else { throw fault(.unexpectedEnd) }
        switch first {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), 0x30...0x39: return .number(try number())
        default: throw unexpected()
        }
    }

    private mutating func word(
        _ word: StaticString, _ value: JSONValue
    ) throws(JSONSyntaxError) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard peek() == word.utf8Start[index] else { throw unexpected() }
            position += 1
        }
        return value
    }

    private mutating func descend() throws(JSONSyntaxError) {
        guard depth < maxDepth else { throw fault(.tooDeep(limit: maxDepth)) }
        depth += 1
        position += 1
        skipSpace()
    }

    private mutating func array() throws(JSONSyntaxError) -> [JSONValue] {
        try descend()
        var values: [JSONValue] = []
        if peek() != UInt8(ascii: "]") {
            values.append(try value())
            while try another(before: UInt8(ascii: "]")) { values.append(try value()) }
        }
        position += 1
        depth -= 1
        return values
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONObject {
        try descend()
        var object = JSONObject()
        if peek() != UInt8(ascii: "}") {
            repeat {
                let start = position
                guard peek() == UInt8(ascii: "\"") else { throw unexpected() }
                let name = try string()
                skipSpace()
                guard peek() == UInt8(ascii: ":") else { throw unexpected() }
                position += 1
                skipSpace()
                // The name is judged before its value: the first fault in reading order wins.
                let mark = NameMark(name)
                guard !object.contains(name, mark) else {
                    throw JSONSyntaxError(.duplicateKey(name), at: start, of: text)
                }
                object.append(name, try value(of: name, mark), mark)
            } while try another(before: UInt8(ascii: "}"))
        }
        position += 1
        depth -= 1
        return object
    }

    /// The value of a member.
    private mutating func value(
        of name: String, _ mark: NameMark
    ) throws(JSONSyntaxError) -> JSONValue {
        guard repeated?.hasName(name, mark) == true, peek() == UInt8(ascii: "{") else {
            return try value()
        }
        if let end = repeated?.end(in: text, from: position) {
            position = end
            return .null
        }
        let start = position
        let value = try value()
        repeated?.remember(text, start..<position)
        return value
    }

    /// Passes a comma and says that an element must follow, or stops at the closing byte.
    private mutating func another(before close: UInt8) throws(JSONSyntaxError) -> Bool {
        skipSpace()
        guard let byte = peek() else { throw fault(.unexpectedEnd) }
        if byte == close { return false }
        guard byte == UInt8(ascii: ",") else { throw unexpected() }
        position += 1
        skipSpace()
        return true
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONNumber {
        let start = position
        if peek() == UInt8(ascii: "-") { position += 1 }
        if peek() == UInt8(ascii: "0") {
            position += 1
            if let byte = peek(), (0x30...0x39).contains(byte) { throw fault(.badNumber) }
        } else {
            try digits()
        }
        if peek() == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            position += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        let literal = UnsafeBufferPointer(rebasing: text[start..<position])
        return JSONNumber(valid: String(decoding: literal, as: UTF8.self))
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while let byte = peek(), (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else {
            throw position < text.count ? fault(.badNumber) : fault(.unexpectedEnd)
        }
    }
}
