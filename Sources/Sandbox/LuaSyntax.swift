/// Says whether a text is Lua, in LuaJIT's words; runs nothing.
///
/// Kong refuses a post-function that does not parse, so a stand-in has to.
struct LuaSyntax {
    struct Refusal: Error, Equatable {
        let line: Int
        let message: String
    }

    /// Blocks and expressions nested deeper than this are refused, as LuaJIT does at 200.
    private static let deepest = 180

    private var scanner: LuaScanner
    private var token = LuaScanner.Token.end
    private var depth = 0

    /// `nil` if `source` parses; else LuaJIT's message, with the name it gives to the text.
    static func refusal(of source: String) -> String? {
        var syntax = LuaSyntax(scanner: LuaScanner(source))
        do throws(Refusal) {
            try syntax.advance()
            try syntax.block()
            if syntax.token != .end { throw syntax.expected("<eof>") }
            return nil
        } catch {
            return "\(chunkName(source)):\(error.line): \(error.message)"
        }
    }

    private init(scanner: LuaScanner) { self.scanner = scanner }

    private static func chunkName(_ source: String) -> String {
        let bytes = Array(source.utf8)
        let length = bytes.prefix(48).prefix { $0 >= 32 }.count
        if length == bytes.count { return "[string \"\(source)\"]" }
        let start = String(decoding: bytes.prefix(min(length, 45)), as: UTF8.self)
        return "[string \"\(start)...\"]"
    }

    private mutating func advance() throws(Refusal) { token = try scanner.next() }

    private func expected(_ what: String) -> Refusal {
        scanner.refusal("'\(what)' expected", near: token.text)
    }

    private func isAt(_ text: String) -> Bool {
        token == .symbol(text) || token == .keyword(text)
    }

    private mutating func take(_ text: String) throws(Refusal) -> Bool {
        guard isAt(text) else { return false }
        try advance()
        return true
    }

    private mutating func require(_ text: String) throws(Refusal) {
        guard try take(text) else { throw expected(text) }
    }

    private mutating func close(_ what: String, _ opener: String, at line: Int) throws(Refusal) {
        if try take(what) { return }
        if line == scanner.line { throw expected(what) }
        throw scanner.refusal(
            "'\(what)' expected (to close '\(opener)' at line \(line))", near: token.text)
    }

    private mutating func name() throws(Refusal) {
        guard case .name = token else { throw expected("<name>") }
        try advance()
    }

    private mutating func block() throws(Refusal) {
        depth += 1
        guard depth < Self.deepest else {
            throw scanner.refusal("chunk has too many syntax levels", near: token.text)
        }
        while !["else", "elseif", "end", "until"].contains(where: isAt), token != .end {
            if try take("return") {
                let isLast = ["else", "elseif", "end", "until", ";"].contains(where: isAt)
                if !isLast, token != .end { try expressions() }
                _ = try take(";")
                break
            }
            let isBreak = isAt("break")
            try statement()
            _ = try take(";")
            if isBreak, token == .end { break }
        }
        depth -= 1
    }

    private mutating func statement() throws(Refusal) {
        let line = scanner.line
        if try take("if") {
            try expression()
            try require("then")
            try block()
            while try take("elseif") {
                try expression()
                try require("then")
                try block()
            }
            if try take("else") { try block() }
            try close("end", "if", at: line)
        } else if try take("while") {
            try expression()
            try require("do")
            try block()
            try close("end", "while", at: line)
        } else if try take("do") {
            try block()
            try close("end", "do", at: line)
        } else if try take("for") {
            try loop(line)
        } else if try take("repeat") {
            try block()
            try close("until", "repeat", at: line)
            try expression()
        } else if try take("function") {
            try name()
            while try take(".") { try name() }
            if try take(":") { try name() }
            try functionBody(line)
        } else if try take("local") {
            try local(line)
        } else if try take("goto") {
            try name()
        } else if try take("::") {
            try name()
            try require("::")
        } else if try !take("break"), try !take(";") {
            try callOrAssignment()
        }
    }

    private mutating func loop(_ line: Int) throws(Refusal) {
        try name()
        if try take("=") {
            try expression()
            try require(",")
            try expression()
            if try take(",") { try expression() }
        } else {
            while try take(",") { try name() }
            guard try take("in") else {
                throw scanner.refusal("'=' or 'in' expected", near: token.text)
            }
            try expressions()
        }
        try require("do")
        try block()
        try close("end", "for", at: line)
    }

    private mutating func local(_ line: Int) throws(Refusal) {
        if try take("function") {
            try name()
            return try functionBody(line)
        }
        repeat { try name() } while try take(",")
        if try take("=") { try expressions() }
    }

    private mutating func functionBody(_ line: Int) throws(Refusal) {
        try require("(")
        if !isAt(")") {
            repeat {
                if try take("...") { break }
                guard case .name = token else {
                    throw scanner.refusal("<name> or '...' expected", near: token.text)
                }
                try advance()
            } while try take(",")
        }
        try require(")")
        try block()
        try close("end", "function", at: line)
    }

    private mutating func callOrAssignment() throws(Refusal) {
        if try suffixed() { return }
        while try take(",") { _ = try suffixed() }
        try require("=")
        try expressions()
    }

    private mutating func expressions() throws(Refusal) {
        repeat { try expression() } while try take(",")
    }

    private static let binary = [
        "+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or",
    ]

    private mutating func expression() throws(Refusal) {
        depth += 1
        guard depth < Self.deepest else {
            throw scanner.refusal("chunk has too many syntax levels", near: token.text)
        }
        repeat {
            while ["-", "not", "#"].contains(where: isAt) { try advance() }
            try operand()
        } while try takeBinary()
        depth -= 1
    }

    private mutating func takeBinary() throws(Refusal) -> Bool {
        guard Self.binary.contains(where: isAt) else { return false }
        try advance()
        return true
    }

    private mutating func operand() throws(Refusal) {
        switch token {
        case .number, .string: try advance()
        case .keyword("nil"), .keyword("true"), .keyword("false"), .symbol("..."): try advance()
        case .symbol("{"): try table()
        case .keyword("function"):
            let line = scanner.line
            try advance()
            try functionBody(line)
        case .name, .keyword, .symbol, .end: _ = try suffixed()
        }
    }

    /// Reads a name or a parenthesis and what hangs on it.
    ///
    /// - Returns: Whether it ends in a call.
    private mutating func suffixed() throws(Refusal) -> Bool {
        let line = scanner.line
        if try take("(") {
            try expression()
            try close(")", "(", at: line)
        } else if case .name = token {
            try advance()
        } else {
            throw scanner.refusal("unexpected symbol", near: token.text)
        }
        var isCall = false
        while true {
            if try take(".") {
                try name()
                isCall = false
            } else if try take("[") {
                try expression()
                try require("]")
                isCall = false
            } else if try take(":") {
                try name()
                try arguments()
                isCall = true
            } else if isAt("(") || isAt("{") || isString {
                try arguments()
                isCall = true
            } else {
                return isCall
            }
        }
    }

    private var isString: Bool {
        if case .string = token { true } else { false }
    }

    private mutating func arguments() throws(Refusal) {
        if isString { return try advance() }
        if isAt("{") { return try table() }
        let line = scanner.line
        guard try take("(") else {
            throw scanner.refusal("function arguments expected", near: token.text)
        }
        if !isAt(")") { try expressions() }
        try close(")", "(", at: line)
    }

    private mutating func table() throws(Refusal) {
        let line = scanner.line
        try require("{")
        while !isAt("}") {
            if try take("[") {
                try expression()
                try require("]")
                try require("=")
                try expression()
            } else {
                try expression()
                // `name = value` looks like an expression up to the sign.
                if try take("=") { try expression() }
            }
            if try take(",") { continue }
            guard try take(";") else { break }
        }
        try close("}", "{", at: line)
    }
}
