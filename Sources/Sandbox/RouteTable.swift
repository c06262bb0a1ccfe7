internal import Foundation

/// The routes of one node, compiled and in the order in which Kong tries them.
///
/// Order (traditional_compatible): number of kinds of attribute, plain hosts, headers, regex path
/// and its priority, length of path, age.
struct RouteTable: Sendable {
    struct Match: Sendable {
        let route: CompiledRoute
        /// The part of the path that the route's path matched.
        let matchedPath: String
    }

    private let candidates: [CompiledRoute]

    init(routes: [Row], services: [Row]) {
        let byID = Dictionary(uniqueKeysWithValues: services.map { ($0.id, $0) })
        candidates = routes.flatMap { route in
            CompiledRoute.all(of: route, service: route.reference("service").flatMap { byID[$0] })
        }.sorted { $0.precedes($1) }
    }

    /// The first route that takes the request; `nil` if none does.
    ///
    /// - Parameter headers: values by name; asked only for headers that a route names.
    func match(
        method: String, host: String, path: String, headers: (String) -> [String]
    ) -> Match? {
        let host = Self.withoutPort(host)
        for route in candidates {
            if let matched = route.matchedPath(
                method: method, host: host, path: path, headers: headers)
            {
                return Match(route: route, matchedPath: matched)
            }
        }
        return nil
    }

    private static func withoutPort(_ host: String) -> String {
        guard !host.hasSuffix("]"), let colon = host.lastIndex(of: ":") else {
            return host.lowercased()
        }
        return host[..<colon].lowercased()
    }
}

/// One route with one of its paths.
struct CompiledRoute: Sendable {
    enum Path: Sendable {
        case any
        case prefix(String)
        case pattern(NSRegularExpression, length: Int)
    }

    let row: Row
    /// `nil`: the route answers by itself, which the sandbox does not do.
    let service: Row?
    let stripsPath: Bool
    let preservesHost: Bool
    let takesHTTP: Bool
    private let path: Path
    private let methods: Set<String>
    private let hosts: [String]
    private let headers: [(name: String, values: [String])]
    private let rank: [Double]

    static func all(of row: Row, service: Row?) -> [CompiledRoute] {
        let paths = row["paths"]?.strings ?? []
        let compiled: [Path] = paths.isEmpty ? [.any] : paths.compactMap { text in
            guard text.hasPrefix("~") else { return .prefix(text) }
            do {
                let pattern = try NSRegularExpression(pattern: "^" + text.dropFirst())
                return .pattern(pattern, length: text.utf8.count)
            } catch {
                return nil
            }
        }
        return compiled.map { CompiledRoute(row: row, service: service, path: $0) }
    }

    private init(row: Row, service: Row?, path: Path) {
        self.row = row
        self.service = service
        self.path = path
        methods = Set(row["methods"]?.strings ?? [])
        hosts = (row["hosts"]?.strings ?? []).map { $0.lowercased() }
        headers = (row["headers"]?.table ?? [:]).map { ($0.key, $0.value.strings) }
        stripsPath = row["strip_path"]?.flag ?? true
        preservesHost = row["preserve_host"]?.flag ?? false
        takesHTTP = row["protocols"]?.strings.contains("http") ?? true
        let snis = row["snis"]?.isFilled == true ? 1.0 : 0
        let pathRank: [Double] =
            switch path {
            case .any: [0, 0, 0]
            case .prefix(let text): [0, 0, Double(text.utf8.count)]
            case .pattern(_, let length):
                [1, row["regex_priority"]?.double ?? 0, Double(length)]
            }
        let kinds = (methods.isEmpty ? 0.0 : 1) + (hosts.isEmpty ? 0 : 1)
            + (headers.isEmpty ? 0 : 1) + (row["paths"]?.isFilled == true ? 1 : 0) + snis
        let plainHost = hosts.contains { !$0.contains("*") } ? 1.0 : 0
        rank = [kinds, plainHost, Double(headers.count)] + pathRank
            + [-(row["created_at"]?.double ?? 0)]
    }

    func precedes(_ other: CompiledRoute) -> Bool {
        for (mine, theirs) in zip(rank, other.rank) where mine != theirs { return mine > theirs }
        return row.id < other.row.id
    }

    /// What of the path was matched; `nil` if the request is not for this route.
    func matchedPath(
        method: String, host: String, path: String, headers find: (String) -> [String]
    ) -> String? {
        if !methods.isEmpty, !methods.contains(method) { return nil }
        if !hosts.isEmpty, !hosts.contains(where: { Self.host(host, fits: $0) }) { return nil }
        for (name, values) in headers where !values.isEmpty {
            let sent = find(name).map { $0.lowercased() }
            guard values.contains(where: { Self.header(sent, fits: $0) }) else { return nil }
        }
        switch self.path {
        case .any: return ""
        case .prefix(let prefix): return path.hasPrefix(prefix) ? prefix : nil
        case .pattern(let pattern, _):
            let whole = NSRange(path.startIndex..., in: path)
            guard let found = pattern.firstMatch(in: path, options: .anchored, range: whole),
                let range = Range(found.range, in: path)
            else { return nil }
            return String(path[range])
        }
    }

    private static func host(_ host: String, fits pattern: String) -> Bool {
        if pattern.hasPrefix("*") { return host.hasSuffix(pattern.dropFirst()) }
        if pattern.hasSuffix("*") { return host.hasPrefix(pattern.dropLast()) }
        return host == pattern
    }

    private static func header(_ sent: [String], fits wanted: String) -> Bool {
        let wanted = wanted.lowercased()
        guard wanted.hasPrefix("~*") else { return sent.contains(wanted) }
        do {
            let pattern = try NSRegularExpression(pattern: String(wanted.dropFirst(2)))
            return sent.contains { text in
                pattern.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
            }
        } catch {
            return false
        }
    }

    /// The path to ask the service for.
    func upstreamPath(for path: String, matched: String) -> String {
        var base = service?["path"]?.text ?? ""
        if base.hasSuffix("/") { base.removeLast() }
        var rest = stripsPath ? String(path.dropFirst(matched.count)) : path
        if !rest.isEmpty, !rest.hasPrefix("/") { rest = "/" + rest }
        let joined = base + rest
        return joined.isEmpty ? "/" : joined
    }
}
