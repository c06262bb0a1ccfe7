/// Kong 3.9's schemas of services, routes, upstreams and targets.
enum EntitySchemas {
    static let protocols = [
        "grpc", "grpcs", "http", "https", "tcp", "tls", "tls_passthrough", "udp",
    ]
    private static let int31 = 2_147_483_646.0

    static let name = Field.string.checkingText(TextRules.entityName)
    static let tags = Field.set(.string.checkingText(TextRules.tag))
    static let headerName = Field.string.checkingText(TextRules.headerName)
    private static let timeout = Field.integer.between(1, int31).defaulting(to: 60000)

    static let common: [(String, Field)] = [
        ("id", .uuid), ("created_at", .number), ("updated_at", .number), ("tags", tags),
    ]

    static let service = Schema(common + [
        ("name", name),
        ("retries", .integer.between(0, 32767).defaulting(to: 5)),
        ("protocol", .string.oneOf(protocols).required.defaulting(to: "http")),
        ("host", .string.checkingText(TextRules.host).required),
        ("port", .integer.between(0, 65535).required.defaulting(to: 80)),
        ("path", .string.checkingText(TextRules.path)),
        ("connect_timeout", timeout), ("write_timeout", timeout), ("read_timeout", timeout),
        ("client_certificate", .foreign("certificates")),
        ("tls_verify", .boolean), ("tls_verify_depth", .integer.between(0, 64)),
        ("ca_certificates", .array(.uuid)),
        ("enabled", .boolean.required.defaulting(to: true)),
    ])

    private static let cidrPort = Field.record([
        ("ip", .string), ("port", .integer.between(0, 65535)),
    ])

    private static let routeHeaders = Field.map(
        headerName.checkingText { header in
            header.lowercased() == "host"
                ? "cannot contain 'host' header, which must be specified in the 'hosts' attribute"
                : nil
        }, .array(.string))

    static let route = Schema(common + [
        ("name", name),
        ("protocols", .set(.string.oneOf(protocols)).required
            .checking(ProtocolSets.refusal).defaulting(to: .array(["http", "https"]))),
        ("methods", .set(.string.checkingText(TextRules.method))),
        ("hosts", .array(.string.checkingText(TextRules.routeHost))),
        ("paths", .array(.string.checkingText(TextRules.routePath))),
        ("headers", routeHeaders),
        ("https_redirect_status_code",
            .integer.oneOf([426, 301, 302, 307, 308]).required.defaulting(to: 426)),
        ("regex_priority", .integer.defaulting(to: 0)),
        ("strip_path", .boolean.required.defaulting(to: true)),
        ("path_handling", .string.oneOf(["v0", "v1"]).defaulting(to: "v0")),
        ("preserve_host", .boolean.required.defaulting(to: false)),
        ("request_buffering", .boolean.required.defaulting(to: true)),
        ("response_buffering", .boolean.required.defaulting(to: true)),
        ("snis", .set(.string.checkingText(TextRules.wildcardName))),
        ("sources", .set(cidrPort)), ("destinations", .set(cidrPort)),
        ("service", .foreign("services")),
    ])

    static let target = Schema(common + [
        ("upstream", .foreign("upstreams").required),
        ("target", .string.checkingText(TextRules.target).required),
        ("weight", .integer.between(0, 65535).defaulting(to: 100)),
    ])

    private static let hashInputs = [
        "none", "consumer", "ip", "header", "cookie", "path", "query_arg", "uri_capture",
    ]
    private static let hashInput = Field.string.oneOf(hashInputs).defaulting(to: "none")

    static let upstream = Schema(common + [
        ("name", .string.checkingText(TextRules.upstreamName).required),
        ("algorithm", .string
            .oneOf(["consistent-hashing", "least-connections", "round-robin", "latency"])
            .defaulting(to: "round-robin")),
        ("hash_on", hashInput), ("hash_fallback", hashInput),
        ("hash_on_header", headerName), ("hash_fallback_header", headerName),
        ("hash_on_cookie", .string.checkingText(TextRules.cookieName)),
        ("hash_on_cookie_path", .string.checkingText(TextRules.path).defaulting(to: "/")),
        ("hash_on_query_arg", .string), ("hash_fallback_query_arg", .string),
        ("hash_on_uri_capture", .string), ("hash_fallback_uri_capture", .string),
        ("slots", .integer.between(10, 65536).defaulting(to: 10000)),
        ("healthchecks", HealthcheckSchemas.all),
        ("host_header", .string.checkingText(TextRules.hostWithOptionalPort)),
        ("client_certificate", .foreign("certificates")),
        ("use_srv_name", .boolean.defaulting(to: false)),
    ])
}

extension LuaValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral
{
    init(stringLiteral text: String) { self = .string(text) }
    init(integerLiteral number: Int) { self = .number(Double(number)) }
    init(booleanLiteral flag: Bool) { self = .bool(flag) }
    init(floatLiteral number: Double) { self = .number(number) }
}

/// Which protocols a route may have together.
enum ProtocolSets {
    private static let exclusive = [
        ["http", "https"], ["tcp", "tls", "udp"], ["tls_passthrough"], ["grpc", "grpcs"],
    ]

    static let refusal: Field.Check = { value in
        let present = value.strings
        if present.isEmpty { return "length must be at least 1" }
        let touched = exclusive.map { $0.filter(present.contains) }.filter { !$0.isEmpty }
        guard touched.count > 1 else { return nil }
        let texts = touched.map { "('" + $0.joined(separator: "', '") + "')" }
        return "these sets are mutually exclusive: \(texts.joined(separator: ", "))"
    }
}
