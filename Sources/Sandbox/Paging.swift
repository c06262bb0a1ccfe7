/// Kong's pages: ordered by id; the offset is the first id of the next page, in JSON, in base64url.
struct Paging: Equatable {
    let size: Int
    let offset: String?

    static let standard = 100
    static let greatest = 1000

    init(_ query: Query) throws(KongFault) {
        if let text = query["size"] {
            guard let number = Double(text) else { throw .invalidSize("size must be a number") }
            guard let size = Int(exactly: number), (1...Self.greatest).contains(size) else {
                throw .invalidSize("size must be an integer between 1 and \(Self.greatest)")
            }
            self.size = size
        } else {
            size = Self.standard
        }
        offset = try query["offset"].map { text throws(KongFault) in
            guard let bytes = Base64URL.decode(text) else {
                throw .invalidOffset(text, "bad base64 encoding")
            }
            guard case .array(let key)? = LuaValue(json: bytes), let id = key.first?.text else {
                throw .invalidOffset(text, "bad json encoding")
            }
            return id
        }
    }

    /// One page of rows that are ordered by `key`, and the offset of the next.
    func page(
        _ rows: [Row], by key: (Row) -> String = { $0.id }
    ) -> (rows: [Row], next: String?) {
        let rest = rows.drop { row in offset.map { key(row) < $0 } ?? false }
        let page = Array(rest.prefix(size))
        let next = rest.dropFirst(size).first.map {
            Base64URL.encode(LuaValue.array([.string(key($0))]).json)
        }
        return (page, next)
    }
}

/// The query of a request, decoded, in order.
struct Query: Equatable {
    let pairs: [(name: String, value: String)]

    subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    static func == (left: Query, right: Query) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0 == $1 }
    }
}

/// `tags=a,b` means both, `tags=a/b` means either.
enum TagFilter: Equatable {
    case all([String])
    case any([String])

    init?(_ query: Query) throws(KongFault) {
        guard let text = query["tags"] else { return nil }
        if text.isEmpty { throw .invalidTags("cannot be null") }
        let (commas, slashes) = (text.contains(","), text.contains("/"))
        guard !(commas && slashes), TextRules.tag(text.filter { $0 != "," && $0 != "/" }) == nil
        else { throw .invalidTags("invalid filter syntax") }
        let separator: Character = slashes ? "/" : ","
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        let tags = (parts.last == "" ? parts.dropLast() : parts[...]).map(String.init)
        guard !tags.isEmpty, !tags.contains("") else {
            throw .invalidTags("invalid filter syntax")
        }
        guard tags.count <= 5 else { throw .invalidTags("too many tags") }
        self = slashes ? .any(tags) : .all(tags)
    }

    func accepts(_ row: Row) -> Bool {
        let tags = row["tags"]?.strings ?? []
        return switch self {
        case .all(let wanted): wanted.allSatisfy(tags.contains)
        case .any(let wanted): wanted.contains(where: tags.contains)
        }
    }
}

/// Base64 with the URL-safe alphabet, written without padding, read with or without (RFC 4648 §5).
enum Base64URL {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let chunk = bytes[start..<min(start + 3, bytes.count)]
            let bits = chunk.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - chunk.count))
            for position in 0...chunk.count {
                text.append(alphabet[bits >> (18 - 6 * position) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits = 0
        var count = 0
        for byte in text.utf8 where byte != UInt8(ascii: "=") {
            let plain: UInt8 =
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                default: byte
                }
            guard let value = alphabet.firstIndex(of: plain) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 255))
                bits &= (1 << count) - 1
            }
        }
        return count >= 6 ? nil : bytes
    }
}
