import Foundation

/// HTTP/1.1 requests read a second way, strictly by RFC 9112, from the bytes of a connection.
///
/// What libmicrohttpd takes without telling is taken here too: empty lines before a request, and
/// line feeds alone in a chunked body.
struct StrictRequest: Equatable {
    var method = ""
    var path = ""
    var query: String?
    /// Names in lower case.
    var headers: [[String]] = []
    var body: [UInt8] = []

    /// As many as are sound before the first that is not.
    static func all(in bytes: [UInt8]) -> [StrictRequest] {
        var found: [StrictRequest] = []
        var rest = bytes[...]
        while let request = next(&rest) { found.append(request) }
        return found
    }

    private static func next(_ rest: inout ArraySlice<UInt8>) -> StrictRequest? {
        rest = rest.drop { $0 == 13 || $0 == 10 }
        guard let first = line(&rest) else { return nil }
        let words = first.split(separator: 32, omittingEmptySubsequences: false)
        guard words.count == 3, isToken(words[0]), words[2].starts(with: Array("HTTP/1.".utf8)),
            let target = target(words[1], method: text(words[0]))
        else { return nil }
        var request = StrictRequest(
            method: text(words[0]), path: target.path, query: target.query)
        while true {
            guard let field = line(&rest) else { return nil }
            if field.isEmpty { break }
            guard let colon = field.firstIndex(of: 58), field.first != 32, field.first != 9 else {
                return nil
            }
            let name = field[..<colon]
            let value = trimmed(field[(colon + 1)...])
            guard isToken(name),
                value.allSatisfy({ $0 == 9 || $0 >= 32 && $0 != 127 })
            else { return nil }
            request.headers.append([text(name).lowercased(), text(value)])
        }
        guard let body = request.body(&rest, version: text(words[2])) else { return nil }
        request.body = body
        return request
    }

    /// Nil: the length is ambiguous, or the bytes end before.
    private func body(_ rest: inout ArraySlice<UInt8>, version: String) -> [UInt8]? {
        let lengths = values("content-length")
        let codings = values("transfer-encoding")
        guard version == "HTTP/1.1" ? values("host").count == 1 : values("host").count <= 1 else {
            return nil
        }
        guard codings.isEmpty || (lengths.isEmpty && codings.count == 1 && version == "HTTP/1.1")
        else { return nil }
        if let coding = codings.first {
            return coding.lowercased() == "chunked" ? Self.chunks(&rest) : nil
        }
        guard lengths.count <= 1 else { return nil }
        guard let length = lengths.first else { return [] }
        guard !length.isEmpty, length.utf8.allSatisfy({ (48...57).contains($0) }),
            let count = Int(length), count <= rest.count
        else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    private static func chunks(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        var body: [UInt8] = []
        while true {
            guard let head = line(&rest, isOfBody: true) else { return nil }
            let digits = trimmed(head.prefix { $0 != 59 })
            guard let size = Int(text(digits), radix: 16), size >= 0, size <= rest.count else {
                return nil
            }
            if size == 0 { break }
            body += rest.prefix(size)
            rest = rest.dropFirst(size)
            guard let end = line(&rest, isOfBody: true), end.isEmpty else { return nil }
        }
        // Trailers are refused.
        guard let end = line(&rest, isOfBody: true), end.isEmpty else { return nil }
        return body
    }

    func values(_ name: String) -> [String] { headers.filter { $0[0] == name }.map { $0[1] } }

    private static func line(
        _ rest: inout ArraySlice<UInt8>, isOfBody: Bool = false
    ) -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: 10) else { return nil }
        guard end > rest.startIndex, rest[end - 1] == 13 else {
            guard isOfBody else { return nil }
            defer { rest = rest[(end + 1)...] }
            return rest[..<end]
        }
        defer { rest = rest[(end + 1)...] }
        return rest[..<(end - 1)]
    }

    private static func target(
        _ bytes: ArraySlice<UInt8>, method: String
    ) -> (path: String, query: String?)? {
        guard bytes.allSatisfy({ $0 > 32 && $0 != 35 && $0 != 127 }),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? String(parts[1]) : nil
        var path = String(parts[0])
        for scheme in ["http://", "https://"] where path.lowercased().hasPrefix(scheme) {
            let rest = path.dropFirst(scheme.count)
            path = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
        }
        guard path.hasPrefix("/") || (path == "*" && method == "OPTIONS") else { return nil }
        return (path, query)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let first = bytes.first, first == 32 || first == 9 { bytes = bytes.dropFirst() }
        while let last = bytes.last, last == 32 || last == 9 { bytes = bytes.dropLast() }
        return bytes
    }

    private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
