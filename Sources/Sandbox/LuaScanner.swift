/// Cuts Lua 5.1 source into tokens.
struct LuaScanner {
    enum Token: Equatable {
        case name(String)
        case keyword(String)
        case number(String)
        case string(String)
        case symbol(String)
        case end

        /// As it stands in a message after "near".
        var text: String {
            switch self {
            case .name(let text), .keyword(let text), .number(let text), .string(let text),
                .symbol(let text):
                text
            case .end: "<eof>"
            }
        }
    }

    private static let keywords: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if",
        "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
    ]
    private static let symbols = [
        "...", "..", "==", "~=", "<=", ">=", "::", "+", "-", "*", "/", "%", "^", "#", "<", ">",
        "=", "(", ")", "{", "}", "[", "]", ";", ":", ",", ".",
    ]

    private let bytes: [UInt8]
    private var place = 0
    private(set) var line = 1

    init(_ source: String) { bytes = Array(source.utf8) }

    mutating func next() throws(LuaSyntax.Refusal) -> Token {
        try skipBlanks()
        guard place < bytes.count else { return .end }
        let start = place
        let byte = bytes[place]
        if ASCII.isLetter(byte) || byte == UInt8(ascii: "_") {
            skip { ASCII.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
            let word = text(from: start)
            return Self.keywords.contains(word) ? .keyword(word) : .name(word)
        }
        let followedByDigit = place + 1 < bytes.count && ASCII.isDigit(bytes[place + 1])
        if ASCII.isDigit(byte) || byte == UInt8(ascii: ".") && followedByDigit {
            skip { ASCII.isAlphanumeric($0) || $0 == UInt8(ascii: ".") }
            return .number(text(from: start))
        }
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { return try quoted(byte) }
        if let level = longBracket() {
            guard skipLong(level) else { throw refusal("unfinished long string", near: "<eof>") }
            return .string(text(from: start))
        }
        for symbol in Self.symbols where bytes[place...].starts(with: symbol.utf8) {
            place += symbol.utf8.count
            return .symbol(symbol)
        }
        throw refusal("unexpected symbol", near: String(UnicodeScalar(byte)))
    }

    func refusal(_ message: String, near: String) -> LuaSyntax.Refusal {
        LuaSyntax.Refusal(line: line, message: "\(message) near '\(near)'")
    }

    private mutating func quoted(_ mark: UInt8) throws(LuaSyntax.Refusal) -> Token {
        let start = place
        place += 1
        while place < bytes.count, bytes[place] != mark {
            if bytes[place] == UInt8(ascii: "\n") {
                throw refusal("unfinished string", near: text(from: start))
            }
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard place < bytes.count else { throw refusal("unfinished string", near: "<eof>") }
        place += 1
        return .string(text(from: start))
    }

    private mutating func skipBlanks() throws(LuaSyntax.Refusal) {
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "\n") { line += 1 }
            if bytes[place] <= 32 {
                place += 1
            } else if bytes[place...].starts(with: "--".utf8) {
                place += 2
                if let level = longBracket() {
                    guard skipLong(level) else {
                        throw refusal("unfinished long comment", near: "<eof>")
                    }
                } else {
                    skip { $0 != UInt8(ascii: "\n") }
                }
            } else {
                return
            }
        }
    }

    /// The number of `=` in a `[==[` that begins here.
    private func longBracket() -> Int? {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "[") else { return nil }
        let level = bytes[(place + 1)...].prefix { $0 == UInt8(ascii: "=") }.count
        let second = place + 1 + level
        return second < bytes.count && bytes[second] == UInt8(ascii: "[") ? level : nil
    }

    private mutating func skipLong(_ level: Int) -> Bool {
        let close = Array("]".utf8) + Array(repeating: UInt8(ascii: "="), count: level)
            + Array("]".utf8)
        while place < bytes.count {
            if bytes[place...].starts(with: close) {
                place += close.count
                return true
            }
            if bytes[place] == UInt8(ascii: "\n") { line += 1 }
            place += 1
        }
        return false
    }

    private mutating func skip(_ belongs: (UInt8) -> Bool) {
        while place < bytes.count, belongs(bytes[place]) { place += 1 }
    }

    private func text(from start: Int) -> String {
        String(decoding: bytes[start..<min(place, bytes.count)], as: UTF8.self)
    }
}
