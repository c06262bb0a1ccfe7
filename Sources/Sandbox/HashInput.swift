internal import HTTPMessage
internal import HTTPTypes

/// What an upstream hashes of a request.
struct HashInput: Sendable {
    let value: String
    /// The cookie that the answer has to set, because the request had none.
    var mintedCookie: String?

    /// An absent value hashes as an empty one, so that all requests without it go one way.
    init(_ upstream: Row, request: Request, newID: () -> String) {
        guard let kind = upstream["hash_on"]?.text, kind != "none" else {
            value = ""
            return
        }
        if kind == "cookie" {
            let name = upstream["hash_on_cookie"]?.text ?? ""
            if let sent = Self.cookie(name, in: request) {
                value = sent
            } else {
                value = newID()
                let path = upstream["hash_on_cookie_path"]?.text ?? "/"
                mintedCookie = "\(name)=\(value); Path=\(path); SameSite=Lax; HttpOnly"
            }
            return
        }
        let first = Self.read(kind, upstream, "hash_on", request)
        let second = upstream["hash_fallback"]?.text ?? "none"
        value = first.isEmpty ? Self.read(second, upstream, "hash_fallback", request) : first
    }

    private static func read(
        _ kind: String, _ upstream: Row, _ prefix: String, _ request: Request
    ) -> String {
        switch kind {
        case "ip": return request.peer
        case "path": return request.path
        case "header":
            guard let name = HTTPField.Name(upstream["\(prefix)_header"]?.text ?? "") else { return "" }
            return request.headers[name] ?? ""
        case "cookie": return cookie(upstream["hash_on_cookie"]?.text ?? "", in: request) ?? ""
        case "query_arg":
            let name = upstream["\(prefix)_query_arg"]?.text
            do {
                let pairs = try request.query.map(PercentDecoding.query) ?? []
                return pairs.first { $0.name == name }?.value ?? ""
            } catch {
                return ""
            }
        default: return ""
        }
    }

    private static func cookie(_ name: String, in request: Request) -> String? {
        for line in request.headers.values(of: .cookie) {
            for pair in line.split(separator: ";") {
                let text = pair.drop { $0 == " " }
                if text.hasPrefix(name + "=") { return String(text.dropFirst(name.count + 1)) }
            }
        }
        return nil
    }
}
