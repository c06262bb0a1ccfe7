import HTTPMessage
import HTTPTypes
import Rollouts

/// Who asks.
struct Actor: Hashable, Sendable {
    let name: String
    let role: Role

    /// Everybody, where no token is configured.
    static let anonymous = Actor(name: "anonymous", role: .admin)

    func require(_ role: Role, for what: String) throws(Problem) {
        guard self.role >= role else { throw .needs(role, for: what, has: self.role) }
    }
}

/// Decides who may ask at all: by `Host`, `Origin` and `Authorization`.
struct Gatekeeper: Sendable {
    let tokens: TokenSet
    let allowedOrigins: [String]
    /// The origin of the public URL; nil when none is configured.
    let ownOrigin: String?

    init(_ configuration: APIConfiguration) {
        tokens = configuration.tokens
        allowedOrigins = configuration.allowedOrigins
        ownOrigin = configuration.publicURL.map { url in
            url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
                .prefix(3).joined(separator: "/")
        }
    }

    /// Refuses what a page of another site, or a name that was bound anew, could send.
    func checkSource(
        _ headers: RequestHeaders, isSecure: Bool, peer: String
    ) throws(Problem) {
        try checkHost(headers, peer: peer)
        guard let origin = headers[.origin], !allows(origin) else { return }
        let own = (isSecure ? "https://" : "http://") + (headers[.hostName] ?? "")
        guard origin == own || origin == ownOrigin else {
            throw .forbidden("Pages of the origin \(origin.prefix(200)) may not call this service.")
        }
    }

    /// Without a token nothing but the address protects the service, so the name must be one
    /// that only this machine can mean.
    func checkHost(_ headers: RequestHeaders, peer: String) throws(Problem) {
        guard tokens.isEmpty, peer != "unix",
            // What is nearly always sent, without a copy.
            !headers.value(of: .hostName, startsWith: "127.0.0.1:"),
            !Self.isLoopback(headers[.hostName] ?? "")
        else { return }
        throw .forbidden(
            "Without configured tokens the Host must be a loopback name, such as 127.0.0.1.")
    }

    /// Whether pages of that origin were let in by configuration.
    func allows(_ origin: String) -> Bool {
        allowedOrigins.contains(origin) || allowedOrigins.contains("*")
    }

    /// - Parameter now: read only where a token may have expired.
    func actor(
        _ headers: RequestHeaders, at now: @autoclosure () -> Timestamp
    ) throws(Problem) -> Actor {
        if tokens.isEmpty { return .anonymous }
        guard let field = headers[.authorization] else {
            throw .unauthenticated("A token is needed: Authorization: Bearer …")
        }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer",
            headers.values(of: .authorization).count == 1
        else {
            throw .unauthenticated("The Authorization must be \"Bearer\" and one token.")
        }
        guard let token = tokens.token(for: String(parts[1]), at: now()) else {
            throw .unauthenticated("This token is not known, or has expired.")
        }
        return Actor(name: token.name, role: token.role)
    }

    /// Whether a `Host` can only mean this machine: `localhost`, 127.0.0.0/8 or `[::1]`.
    static func isLoopback(_ host: String) -> Bool {
        // What is nearly always sent, without a copy.
        if host.utf8.starts(with: "127.0.0.1:".utf8) { return true }
        var name = Substring(host.lowercased())
        if name.hasPrefix("[") {
            return name == "[::1]" || name.hasPrefix("[::1]:")
        }
        if let colon = name.firstIndex(of: ":") { name = name[..<colon] }
        if name == "localhost" || name.hasSuffix(".localhost") { return true }
        let octets = name.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127"
            && octets.allSatisfy { UInt8($0) != nil }
    }
}
