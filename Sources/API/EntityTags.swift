/// The value of `If-Match` or `If-None-Match` (RFC 9110 §8.8.3, §13.1).
enum EntityTags: Hashable, Sendable {
    case any
    /// What stands between the quotes; whether a tag is weak makes no difference here.
    case list([String])

    /// Reads all fields of that name as one list; nil for another form.
    init?(_ fields: [String]) {
        var tags: [String] = []
        for field in fields {
            var rest = Substring(field)
            Self.skipSpace(&rest)
            if rest.hasPrefix("*") {
                rest.removeFirst()
                Self.skipSpace(&rest)
                guard rest.isEmpty, fields.count == 1, tags.isEmpty else { return nil }
                self = .any
                return
            }
            while !rest.isEmpty {
                if rest.hasPrefix(",") {
                    rest.removeFirst()
                    Self.skipSpace(&rest)
                    continue
                }
                if rest.hasPrefix("W/") { rest.removeFirst(2) }
                guard rest.hasPrefix("\"") else { return nil }
                rest.removeFirst()
                guard let end = rest.firstIndex(of: "\"") else { return nil }
                tags.append(String(rest[..<end]))
                rest = rest[rest.index(after: end)...]
                Self.skipSpace(&rest)
                guard rest.isEmpty || rest.hasPrefix(",") else { return nil }
            }
        }
        guard !tags.isEmpty else { return nil }
        self = .list(tags)
    }

    func contains(_ tag: String) -> Bool {
        switch self {
        case .any: true
        case .list(let tags): tags.contains(tag)
        }
    }

    /// The revisions that are meant; nil: any. A tag that is not one of ours means none.
    var revisions: [Int]? {
        switch self {
        case .any: nil
        case .list(let tags):
            tags.compactMap { tag in
                let parts = tag.split(separator: ".", omittingEmptySubsequences: false)
                guard parts.count <= 2,
                    parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } })
                else { return nil }
                return parts.first.flatMap { Int($0) }
            }
        }
    }

    private static func skipSpace(_ text: inout Substring) {
        while text.hasPrefix(" ") || text.hasPrefix("\t") { text.removeFirst() }
    }
}
