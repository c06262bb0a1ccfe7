/// The `healthchecks` record of an upstream.
enum HealthcheckSchemas {
    static let all = Field.record([
        ("active", active.defaulting(to: .table([:]))),
        ("passive", passive.defaulting(to: .table([:]))),
        ("threshold", .number.between(0, 100).defaulting(to: 0)),
    ]).defaulting(to: .table([:]))

    private static let seconds = Field.number.between(0, 65535)
    private static let count = Field.integer.between(0, 255).defaulting(to: 0)
    private static let kind = Field.string
        .oneOf(["tcp", "http", "https", "grpc", "grpcs"]).defaulting(to: "http")

    private static func statuses(_ codes: [Int]) -> Field {
        .array(.integer.between(100, 999)).defaulting(to: .array(codes.map(LuaValue.integer)))
    }

    private static let active = Field.record([
        ("type", kind),
        ("timeout", seconds.defaulting(to: 1)),
        ("concurrency", .integer.between(1, 2_147_483_648).defaulting(to: 10)),
        ("http_path", .string.checkingText(TextRules.path).defaulting(to: "/")),
        ("https_sni", .string.checkingText(TextRules.serverName)),
        ("https_verify_certificate", .boolean.defaulting(to: true)),
        ("headers", .map(EntitySchemas.headerName, .array(.string))),
        ("healthy", Field.record([
            ("interval", seconds.defaulting(to: 0)),
            ("http_statuses", statuses([200, 302])),
            ("successes", count),
        ]).defaulting(to: .table([:]))),
        ("unhealthy", Field.record([
            ("interval", seconds.defaulting(to: 0)),
            ("http_statuses", statuses([429, 404, 500, 501, 502, 503, 504, 505])),
            ("tcp_failures", count), ("timeouts", count), ("http_failures", count),
        ]).defaulting(to: .table([:]))),
    ])

    private static let passive = Field.record([
        ("type", kind),
        ("healthy", Field.record([
            ("http_statuses", statuses(Array(200...208) + [226] + Array(300...308))),
            ("successes", count),
        ]).defaulting(to: .table([:]))),
        ("unhealthy", Field.record([
            ("http_statuses", statuses([429, 500, 503])),
            ("tcp_failures", count), ("timeouts", count), ("http_failures", count),
        ]).defaulting(to: .table([:]))),
    ])
}
