internal import Foundation

/// Where an Admin API answers, and what it wants to see of the caller.
///
/// ```swift
/// let plain = try AdminEndpoint("http://127.0.0.1:8001")
/// let workspace = try AdminEndpoint("https://kong.example.com:8444/team-a", token: secret)
/// let konnect = try AdminEndpoint(
///     "https://eu.api.konghq.com/v2/control-planes/\(id)/core-entities", bearer: secret)
/// ```
public struct AdminEndpoint: Sendable, Hashable {
    struct Header: Sendable, Hashable {
        let name: String
        let value: String
    }

    /// Scheme, host, port and base path, without a slash at its end. Holds no secret.
    public let url: String
    let headers: [Header]

    /// - Parameters:
    ///   - url: `http` or `https`; its path is put before every call's (a workspace, a control plane).
    ///   - headers: sent with every call. Taken for secrets, so never shown.
    ///   - token: sent as `Kong-Admin-Token` (role-based access of the enterprise edition).
    ///   - bearer: sent as `Authorization: Bearer …` (Konnect).
    public init(
        _ url: String, headers: [(name: String, value: String)] = [],
        token: String? = nil, bearer: String? = nil
    ) throws(EndpointError) {
        self.url = try Self.base(of: url)
        var all = headers.map { Header(name: $0.name, value: $0.value) }
        if let token { all.append(Header(name: "Kong-Admin-Token", value: token)) }
        if let bearer { all.append(Header(name: "Authorization", value: "Bearer \(bearer)")) }
        for header in all { try Self.check(header) }
        self.headers = all
    }

    private static func base(of url: String) throws(EndpointError) -> String {
        guard let parts = URLComponents(string: url, encodingInvalidCharacters: false),
            let host = parts.host, !host.isEmpty
        else { throw .notAURL }
        guard let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https" else {
            throw .unsupportedScheme(parts.scheme ?? "")
        }
        guard parts.user == nil, parts.password == nil else { throw .credentialsInURL }
        guard parts.query == nil, parts.fragment == nil else { throw .queryOrFragment }
        if let port = parts.port, !(1...65535).contains(port) { throw .notAURL }
        let segments = parts.percentEncodedPath.split(separator: "/")
        guard segments.allSatisfy({ $0 != "." && $0 != ".." }) else { throw .notAURL }
        var kept = parts
        kept.scheme = scheme
        kept.percentEncodedPath = segments.map { "/\($0)" }.joined()
        guard let base = kept.string else { throw .notAURL }
        return base
    }

    /// Headers that frame the message, and so are the transport's.
    private static let reserved: Set<String> = [
        "host", "content-length", "content-type", "transfer-encoding", "connection", "expect",
        "upgrade", "te", "trailer",
    ]

    private static func check(_ header: Header) throws(EndpointError) {
        let marks = Set("!#$%&'*+-.^_`|~".utf8)
        let isToken = header.name.utf8.allSatisfy {
            marks.contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
        }
        guard isToken, !header.name.isEmpty, !reserved.contains(header.name.lowercased()) else {
            throw .unusableHeader(name: header.name)
        }
        // A line break would end the header and begin one of the attacker's.
        let isValue = header.value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
        guard isValue, !header.value.isEmpty else { throw .unusableHeader(name: header.name) }
    }
}

extension AdminEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL alone.
    public var description: String { url }
    public var debugDescription: String { url }
    /// Keeps `dump` and failing test expectations from printing the headers.
    public var customMirror: Mirror { Mirror(self, children: ["url": url]) }
}

/// Why a URL or a header cannot be used for an endpoint.
public enum EndpointError: Error, Sendable, Equatable {
    case notAURL
    case unsupportedScheme(String)
    case credentialsInURL
    case queryOrFragment
    /// The name is no header name or is the transport's; or the value is empty or has control characters.
    case unusableHeader(name: String)
}

extension EndpointError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAURL: "Not an absolute URL with a host; write it like https://kong.example.com:8444."
        case .unsupportedScheme(let scheme): "Scheme '\(scheme)' is not http or https."
        case .credentialsInURL: "User and password do not belong in the URL; send a header instead."
        case .queryOrFragment: "The URL of an endpoint has no query and no fragment."
        case .unusableHeader(let name):
            "Header '\(name)' cannot be sent: its name or value is not allowed here."
        }
    }
}
