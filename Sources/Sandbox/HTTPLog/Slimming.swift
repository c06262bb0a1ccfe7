internal import HTTPMessage
internal import HTTPTypes

/// What this project's own function makes of a log record, known by its tag and its first line.
///
/// No Lua is run: a function whose text begins with `-- kong-rollouts slim 1; score=…` in a plugin
/// tagged `kong-rollouts` has this meaning, and any other has none.
struct Slimming: Equatable, Sendable {
    enum Score: Equatable, Sendable {
        case none
        case header(HTTPField.Name)
        /// The quoted name of a member that holds a number.
        case member([UInt8])
    }

    static let marker = "-- kong-rollouts slim 1; score="

    let score: Score

    /// `nil` if the plugin holds no function of ours.
    init?(_ plugin: Row) {
        guard ["post-function", "pre-function"].contains(plugin.name),
            plugin["tags"]?.strings.contains("kong-rollouts") == true,
            let config = plugin["config"]?.table
        else { return nil }
        let chunks = PluginSchemas.phases.flatMap { config[$0]?.strings ?? [] }
        guard let chunk = chunks.first(where: { $0.hasPrefix(Self.marker) }) else { return nil }
        let said = chunk.dropFirst(Self.marker.count).prefix { !$0.isNewline }
        let words = said.split(separator: ":", maxSplits: 1)
        switch (words.first, words.count > 1 ? HTTPField.Name(String(words[1])) : nil) {
        case ("header", let name?): score = .header(name)
        case ("json", _) where words.count > 1: score = .member(Array("\"\(words[1])\"".utf8))
        default: score = .none
        }
    }

    /// The score that an answer carries, as text; `nil` if it has none.
    func score(in response: Response) -> String? {
        switch score {
        case .none: return nil
        case .header(let name): return response.headers[name]
        case .member(let quoted):
            guard case .bytes(let body) = response.body else { return nil }
            return Self.number(after: quoted, in: body)
        }
    }

    private static func number(after name: [UInt8], in body: [UInt8]) -> String? {
        guard body.count > name.count, let first = name.first else { return nil }
        var place = 0
        while place + name.count < body.count {
            if body[place] == first, body[place..<(place + name.count)].elementsEqual(name) {
                var rest = body[(place + name.count)...].drop(while: isSpace)
                if rest.first == UInt8(ascii: ":") {
                    rest = rest.dropFirst().drop(while: isSpace)
                    let digits = rest.prefix(while: isOfNumber)
                    if digits.contains(where: ASCII.isDigit) {
                        return String(decoding: digits, as: UTF8.self)
                    }
                }
            }
            place += 1
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        ASCII.isDigit(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
    }
}
