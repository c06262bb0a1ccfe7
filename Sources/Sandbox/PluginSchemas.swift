/// Schemas of plugins: whole for those that a rollout uses or often meets, open for the rest of what
/// Kong bundles.
enum PluginSchemas {
    static func schema(named name: String?) -> Schema { known[name ?? ""] ?? unknown }

    static func isEnabled(_ name: String) -> Bool { known[name] != nil }

    static let bundled = [
        "acl", "acme", "ai-prompt-decorator", "ai-prompt-guard", "ai-prompt-template",
        "ai-proxy", "ai-request-transformer", "ai-response-transformer", "aws-lambda",
        "azure-functions", "basic-auth", "bot-detection", "correlation-id", "cors", "datadog",
        "file-log", "grpc-gateway", "grpc-web", "hmac-auth", "http-log", "ip-restriction",
        "jwt", "key-auth", "ldap-auth", "loggly", "oauth2", "opentelemetry", "post-function",
        "pre-function", "prometheus", "proxy-cache", "rate-limiting", "redirect",
        "request-size-limiting", "request-termination", "request-transformer",
        "response-ratelimiting", "response-transformer", "session", "standard-webhooks",
        "statsd", "syslog", "tcp-log", "udp-log", "zipkin",
    ]

    private static let known: [String: Schema] = Dictionary(
        uniqueKeysWithValues: bundled.map { ($0, plugin(config: config(of: $0))) })
    private static let unknown = plugin(config: anyConfig)
    private static let anyConfig = Field(kind: .anyTable).required.defaulting(to: .table([:]))

    private static func config(of name: String) -> Field {
        switch name {
        case "http-log": httpLog
        case "key-auth": keyAuth
        case "request-termination": requestTermination
        case "correlation-id": correlationID
        case "post-function", "pre-function": functions(name)
        default: anyConfig
        }
    }

    private static func plugin(config: Field) -> Schema {
        Schema(EntitySchemas.common + [
            ("name", .string.required), ("instance_name", EntitySchemas.name),
            ("route", .foreign("routes")), ("service", .foreign("services")),
            ("consumer", .foreign("consumers")), ("config", config),
            ("protocols", .set(.string.oneOf(["grpc", "grpcs", "http", "https"])).required
                .defaulting(to: .array(["grpc", "grpcs", "http", "https"]))),
            ("enabled", .boolean.defaulting(to: true)),
        ])
    }

    private static func flag(_ value: Bool) -> Field {
        Field.boolean.required.defaulting(to: .bool(value))
    }

    private static let keyAuth = Field.record([
        ("key_names", .array(EntitySchemas.headerName).required.defaulting(to: .array(["apikey"]))),
        ("hide_credentials", flag(false)), ("anonymous", .string), ("key_in_header", flag(true)),
        ("key_in_query", flag(true)), ("key_in_body", flag(false)),
        ("run_on_preflight", flag(true)), ("realm", .string),
    ]).required

    private static let requestTermination = Field.record([
        ("status_code", .integer.between(100, 599).required.defaulting(to: 503)),
        ("message", .string), ("content_type", .string), ("body", .string), ("echo", flag(false)),
        ("trigger", EntitySchemas.headerName),
    ]).required

    private static let correlationID = Field.record([
        ("header_name", .string.defaulting(to: "Kong-Request-ID")),
        ("generator", .string.oneOf(["uuid", "uuid#counter", "tracker"]).required
            .defaulting(to: "uuid#counter")),
        ("echo_downstream", flag(false)),
    ]).required

    private static let queue = Field.record([
        ("max_batch_size", .integer.between(1, 1_000_000).defaulting(to: 1)),
        ("max_coalescing_delay", .number.between(0, 3600).defaulting(to: 1)),
        ("max_entries", .integer.between(1, 1_000_000).defaulting(to: 10000)),
        ("max_bytes", .integer),
        ("max_retry_time", .number.defaulting(to: 60)),
        ("initial_retry_delay", .number.between(0.001, 1_000_000).defaulting(to: 0.01)),
        ("max_retry_delay", .number.between(0.001, 1_000_000).defaulting(to: 60)),
        ("concurrency_limit", .integer.oneOf([-1, 1]).defaulting(to: 1)),
    ]).required

    private static let logHeader = EntitySchemas.headerName.checkingText { header in
        ["Host", "Content-Length", "Content-Type"]
            .first { $0.lowercased() == header.lowercased() }
            .map { "cannot contain '\($0)' header" }
    }

    private static let httpLog = Field.record([
        ("http_endpoint", .string.checkingText(TextRules.url).required),
        ("method", .string.oneOf(["POST", "PUT", "PATCH"]).defaulting(to: "POST")),
        ("content_type", .string.oneOf(["application/json", "application/json; charset=utf-8"])
            .defaulting(to: "application/json")),
        ("timeout", .number.defaulting(to: 10000)),
        ("keepalive", .number.defaulting(to: 60000)),
        ("retry_count", .integer), ("queue_size", .integer), ("flush_timeout", .number),
        ("headers", .map(logHeader, .string)),
        ("queue", queue),
        ("custom_fields_by_lua", .map(.string, .string)),
    ]).required

    static let phases = ["certificate", "rewrite", "access", "header_filter", "body_filter", "log"]

    private static func functions(_ plugin: String) -> Field {
        let code = Field.string.checkingText { text in
            LuaSyntax.refusal(of: text).map { "error parsing \(plugin): \($0)" }
        }
        return Field.record(phases.map { ($0, .array(code).defaulting(to: .array([]))) }).required
    }
}
