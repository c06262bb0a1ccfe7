/// What a plugin reads of the record that Kong keeps of a request, as far as is known of its name.
enum RecordReader: Hashable, Sendable {
    case none
    /// Whose request it was: metrics are labelled with route, service and consumer.
    case names
    /// All of it, or nobody knows.
    case everything

    private static let metrics: Set = ["prometheus", "statsd", "statsd-advanced", "datadog"]

    /// Bundled plugins that have to do with requests and answers alone.
    private static let strangers: Set = [
        "acl", "acme", "ai-prompt-decorator", "ai-prompt-guard", "ai-prompt-template", "ai-proxy",
        "ai-request-transformer", "ai-response-transformer", "aws-lambda", "azure-functions",
        "basic-auth", "bot-detection", "correlation-id", "cors", "grpc-gateway", "grpc-web",
        "hmac-auth", "ip-restriction", "jwt", "key-auth", "ldap-auth", "oauth2",
        "opentelemetry", "openid-connect", "proxy-cache", "rate-limiting",
        "rate-limiting-advanced", "redirect", "request-size-limiting", "request-termination",
        "request-transformer", "response-ratelimiting", "response-transformer", "session",
        "standard-webhooks", "zipkin",
    ]

    init(_ row: PluginRow) {
        switch row.columns {
        case .function(let phases):
            let isReading = phases.values.joined().contains { $0.contains("serialize") }
            self = isReading ? .everything : .none
        case .log, .other:
            if Self.metrics.contains(row.name) {
                self = .names
            } else {
                self = Self.strangers.contains(row.name) ? .none : .everything
            }
        }
    }
}
