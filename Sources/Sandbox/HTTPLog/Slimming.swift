internal import HTTPMessage
internal import HTTPTypes

/// What this project's own function makes of a log record, known by its tag and its first line.
///
/// No Lua is run: a function whose text begins with `-- kong-rollouts slim 1; score=…` in a plugin
/// tagged `kong-rollouts` has this meaning, and any other has none.
struct Slimming: Equatable, Sendable {
    /// What is left of a record.
    enum Cut: String, Sendable {
        /// Neither what people sent nor what the entities are.
        case slim
        /// Entities and workspace, but not what people sent.
        case named
        /// Everything.
        case whole
    }

    enum Score: Equatable, Sendable {
        case none
        case header(HTTPField.Name)
        /// The quoted name of a member that holds a number.
        case member([UInt8])
    }

    let cut: Cut
    let score: Score
    /// Bytes of an answer beyond which no score is looked for in it.
    private static let longestBody = 1 << 20

    /// `nil` if the plugin holds no function of ours.
    init?(_ plugin: Row) {
        guard ["post-function", "pre-function"].contains(plugin.name),
            plugin["tags"]?.strings.contains("kong-rollouts") == true,
            let config = plugin["config"]?.table
        else { return nil }
        let chunks = PluginSchemas.phases.flatMap { config[$0]?.strings ?? [] }
        guard let found = chunks.lazy.compactMap(Self.init(chunk:)).first else { return nil }
        self = found
    }

    private init?(chunk: String) {
        let start = "-- kong-rollouts "
        guard chunk.hasPrefix(start) else { return nil }
        let line = chunk.dropFirst(start.count).prefix { !$0.isNewline }
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, let cut = Cut(rawValue: String(parts[0])), parts[1] == "1;",
            parts[2].hasPrefix("score=")
        else { return nil }
        self.cut = cut
        let words = parts[2].dropFirst("score=".count).split(separator: ":", maxSplits: 1)
        switch (words.first, words.count > 1 ? HTTPField.Name(String(words[1])) : nil) {
        case ("header", let name?): score = .header(name)
        case ("json", _) where words.count > 1: score = .member(Array("\"\(words[1])\"".utf8))
        default: score = .none
        }
    }

    /// The score that an answer carries; `nil` if it has none.
    func score(in response: Response) -> Double? {
        switch score {
        case .none: return nil
        case .header(let name): return response.headers[name].flatMap(Self.number)
        case .member:
            guard case .bytes(let body) = response.body, Self.isSearched(response) else { return nil }
            return score(inJSON: body)
        }
    }

    /// The number of the member that is sought, wherever in the text it stands first.
    func score(inJSON body: [UInt8]) -> Double? {
        guard case .member(let quoted) = score, body.count <= Self.longestBody else { return nil }
        return Self.number(after: quoted, in: body)
    }

    private static func isSearched(_ response: Response) -> Bool {
        guard let kind = response.headers[.contentType]?.lowercased(),
            response.headers[.contentEncoding] == nil
        else { return false }
        return kind.contains("json") && !["ndjson", "seq", "stream"].contains(where: kind.contains)
    }

    /// As Lua's `tonumber`, for decimal numbers within the bounds that a record may have.
    private static func number(_ text: String) -> Double? {
        let digits = text.drop { $0.isWhitespace }
        return Double(digits).flatMap { abs($0) < 1e300 ? $0 : nil }
    }

    /// Lua's `"name"%s*:%s*(-?%d[%d%.eE+-]*)`.
    private static func number(after name: [UInt8], in body: [UInt8]) -> Double? {
        var place = 0
        while place + name.count < body.count {
            defer { place += 1 }
            guard body[place] == name[0], body[place...].starts(with: name) else { continue }
            var rest = body[(place + name.count)...].drop(while: isSpace)
            guard rest.popFirst() == UInt8(ascii: ":") else { continue }
            rest = rest.drop(while: isSpace)
            let digits = rest.first == UInt8(ascii: "-") ? rest.dropFirst() : rest
            guard let first = digits.first, ASCII.isDigit(first) else { continue }
            return number(String(decoding: rest.prefix(while: isOfNumber), as: UTF8.self))
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        ASCII.isDigit(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
    }
}
