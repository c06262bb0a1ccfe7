/// Fields that Kong rewrites into others before it looks at an entity.
enum Shorthands {
    static func expanded(_ entity: Entity, _ body: Row) -> Row {
        switch entity {
        case .services: expandURL(body)
        case .upstreams: expandAlgorithm(body)
        case .routes, .targets, .plugins: body
        }
    }

    /// `hash_on` decides the algorithm, unless the row names one that hashes nothing; Kong applies
    /// this to what is written and again to what is read.
    private static func expandAlgorithm(_ body: Row) -> Row {
        var row = body
        if ["least-connections", "latency"].contains(body["algorithm"]?.text) {
            row["hash_on"] = .null
        }
        switch row["hash_on"] {
        case nil: break
        case .null?: row["hash_on"] = "none"
        case .string("none")?: row["algorithm"] = "round-robin"
        case .string?: row["algorithm"] = "consistent-hashing"
        case .bool?, .number?, .array?, .table?: break
        }
        return row
    }

    /// `url` stands for protocol, host, port and path.
    private static func expandURL(_ body: Row) -> Row {
        guard let url = body["url"]?.text else { return body }
        var row = body
        row["url"] = nil
        let parts = url.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        let scheme = parts.count == 2 ? String(parts[0]) : "http"
        let rest = parts[parts.count - 1]
        let authority = parts.count == 2 ? rest.prefix { $0 != "/" && $0 != "?" } : ""
        let path = rest.dropFirst(authority.count).prefix { $0 != "?" }
        let sides = authority.split(separator: ":", maxSplits: 1)
        row["protocol"] = .string(scheme)
        row["host"] = sides.first.map { .string(String($0)) } ?? .null
        let standard = scheme == "https" ? 443 : 80
        row["port"] = .integer(sides.count > 1 ? Int(sides[1]) ?? standard : standard)
        row["path"] = path.isEmpty ? .null : .string(String(path))
        return row
    }
}
