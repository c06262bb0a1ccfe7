import Testing

@testable import Sandbox

@Suite struct RouteTableTests {
    struct Case: Sendable {
        let routes: [Row]
        var method = "GET"
        var host = "a.example.com"
        let path: String
        var headers: [String: [String]] = [:]
        let expected: String?
    }

    private static func route(_ name: String, _ fields: Row) -> Row {
        fields.merging(["id": .string(name), "name": .string(name)]) { $1 }
    }

    private static let prefixes = [
        route("short", ["paths": .array(["/api"])]),
        route("long", ["paths": .array(["/api/v2"])]),
    ]
    private static let canary = [
        route("plain", ["paths": .array(["/api"])]),
        route(
            "header",
            ["paths": .array(["/api"]), "headers": .table(["x-canary": .array(["beta"])])]),
    ]
    private static let hosts = [
        route("exact", ["hosts": .array(["a.example.com"])]),
        route("wild", ["hosts": .array(["*.example.com"])]),
    ]
    private static let patterns = [
        route("prefix", ["paths": .array(["/models/long/prefix"])]),
        route("pattern", ["paths": .array(["~/models/(?<name>[a-z]+)/"])]),
    ]

    static let cases: [Case] = [
        Case(routes: prefixes, path: "/api/v2/x", expected: "long"),
        Case(routes: prefixes, path: "/api/v1", expected: "short"),
        Case(routes: prefixes, path: "/", expected: nil),
        Case(routes: canary, path: "/api", expected: "plain"),
        Case(routes: canary, path: "/api", headers: ["x-canary": ["BETA"]], expected: "header"),
        Case(routes: canary, path: "/api", headers: ["x-canary": ["no"]], expected: "plain"),
        Case(routes: hosts, host: "a.example.com:8000", path: "/", expected: "exact"),
        Case(routes: hosts, host: "b.example.com", path: "/", expected: "wild"),
        Case(routes: hosts, host: "example.org", path: "/", expected: nil),
        Case(routes: patterns, path: "/models/long/prefix", expected: "pattern"),
        Case(
            routes: [route("get", ["methods": .array(["GET"])])], method: "POST", path: "/",
            expected: nil),
    ]

    @Test(arguments: cases.indices)
    func `the route that Kong would take is taken`(_ index: Int) {
        let row = Self.cases[index]
        let table = RouteTable(routes: row.routes, services: [])
        let match = table.match(method: row.method, host: row.host, path: row.path) {
            row.headers[$0] ?? []
        }
        #expect(match?.route.row.name == row.expected)
    }

    @Test(
        arguments: [
            ("/predict", true, nil, "/predict", "/"),
            ("/predict", true, nil, "/predict/x", "/x"),
            ("/predict", false, nil, "/predict/x", "/predict/x"),
            ("/predict", true, "/v1", "/predict", "/v1"),
            ("/predict", true, "/v1/", "/predict/x", "/v1/x"),
            ("/", true, "/v1", "/x", "/v1/x"),
        ] as [(String, Bool, String?, String, String)])
    func `the service's path is joined`(
        _ path: String, _ strips: Bool, _ base: String?, _ asked: String, _ expected: String
    ) throws {
        let service: Row = ["id": "s", "path": base.map(LuaValue.string) ?? .null]
        let route: Row = [
            "id": "r", "paths": .array([.string(path)]), "strip_path": .bool(strips),
            "service": .table(["id": "s"]),
        ]
        let table = RouteTable(routes: [route], services: [service])
        let match = try #require(
            table.match(method: "GET", host: "h", path: asked) { _ in [] })
        #expect(match.route.upstreamPath(for: asked, matched: match.matchedPath) == expected)
    }
}
