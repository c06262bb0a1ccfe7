import Testing

@testable import Sandbox

/// Cases that no recording holds, from Kong's own specifications.
@Suite struct AdminAPITests {
    struct Case: Sendable {
        let method: String
        let path: String
        var body: String?
        var type = "application/json"
        let status: Int
        var contains: [String] = []
    }

    static let form = "application/x-www-form-urlencoded"
    static let multipart = "multipart/form-data; boundary=x"

    static let cases: [Case] = [
        Case(method: "GET", path: "/targets", status: 404, contains: [#""message":"Not found""#]),
        Case(method: "PUT", path: "/upstreams/up/targets", body: "{}", status: 405),
        Case(method: "POST", path: "/services/svc", body: "{}", status: 405),
        Case(method: "DELETE", path: "/upstreams", status: 405),
        Case(method: "GET", path: "/no/such/path/at/all/ever/x", status: 404),
        Case(method: "GET", path: "/upstreams/up/targets/", status: 200, contains: ["stable"]),
        Case(method: "GET", path: "/upstreams/up/targets?foo=bar", body: "{x", status: 200),
        Case(method: "GET", path: "/upstreams/up/targets/stable.example.com", status: 404),
        Case(method: "GET", path: "/upstreams/up/targets/stable.example.com:80", status: 200),
        Case(method: "PUT", path: "/upstreams/up/targets/new.example.com:80", body: "{}", status: 404),
        Case(
            method: "POST", path: "/upstreams/up/targets", body: "target=a.test&weight=7&tags[]=t",
            type: form, status: 201,
            contains: [#""target":"a.test:8000""#, #""weight":7"#, #""tags":["t"]"#]),
        Case(
            method: "POST", path: "/upstreams/up/targets",
            body: "--x\r\nContent-Disposition: form-data; name=\"target\"\r\n\r\nb.test:9\r\n--x--\r\n",
            type: multipart, status: 201, contains: [#""target":"b.test:9""#]),
        Case(
            method: "POST", path: "/upstreams/up/targets", body: "target=a", type: "text/plain",
            status: 415, contains: ["<html>"]),
        Case(
            method: "GET", path: "/upstreams/up/targets?size=x", status: 400,
            contains: [#""code":9"#]),
        Case(
            method: "GET", path: "/services?size=1001", status: 400,
            contains: ["size must be an integer between 1 and 1000"]),
        Case(
            method: "GET", path: "/routes?offset=x", status: 400,
            contains: ["'x' is not a valid offset: bad base64 encoding", #""code":7"#]),
        Case(method: "GET", path: "/upstreams?tags=", status: 400, contains: ["cannot be null"]),
        Case(method: "GET", path: "/services?tags=a/b,c", status: 400, contains: [#""code":11"#]),
        Case(
            method: "PATCH", path: "/services/none", body: "{}", status: 404,
            contains: [#"could not find the entity with '{name=\"none\"}'"#, #""code":6"#]),
        Case(method: "PATCH", path: "/plugins/none", body: "{}", status: 404, contains: ["Not found"]),
        Case(method: "DELETE", path: "/services/none", status: 204),
        Case(method: "DELETE", path: "/routes/r/service", status: 405),
        Case(method: "GET", path: "/routes/r/service", status: 200, contains: [#""name":"svc""#]),
        Case(
            method: "POST", path: "/services", body: #"{"host":"h","port":"x","nope":1}"#, status: 400,
            contains: ["2 schema violations (nope: unknown field; port: expected an integer)"]),
        Case(
            method: "PUT", path: "/upstreams/up2", body: #"{"hash_on":"header"}"#, status: 400,
            contains: ["failed conditional validation given value of field 'hash_on'"]),
        Case(
            method: "PATCH", path: "/upstreams/up", body: #"{"healthchecks":{"active":{"timeout":-1}}}"#,
            status: 400,
            contains: [#"healthchecks.active: {\n  timeout = \"value should be between 0 and 65535\"\n}"#]),
        Case(
            method: "POST", path: "/routes/r/plugins", body: #"{"name":"http-log","config":{}}"#,
            status: 400, contains: ["config.http_endpoint: required field missing"]),
        Case(
            method: "POST", path: "/plugins", body: #"{"name":"bogus"}"#, status: 400,
            contains: ["plugin 'bogus' not enabled"]),
        Case(
            method: "POST", path: "/services", body: #"{"url":"https://h:8443/x"}"#, status: 201,
            contains: [#""port":8443"#, #""path":"/x""#, #""protocol":"https""#]),
        Case(
            method: "POST", path: "/services/svc/routes", body: #"{"paths":["/a//b","/ok","x"]}"#,
            status: 400, contains: [#""paths":["must not have empty segments",null,"should start"#]),
        Case(method: "OPTIONS", path: "/services", status: 204),
    ]

    @Test func `Kong's specified answers are given`() async throws {
        try await World.run { world in
            try await world.setUp(stable: 1, canary: 1)
            for row in Self.cases {
                let reply = try await world.admin(row.method, row.path, row.body, type: row.type)
                #expect(reply.status == row.status, "\(row.method) \(row.path): \(reply.body)")
                for part in row.contains {
                    #expect(reply.body.contains(part), "\(row.method) \(row.path): \(reply.body)")
                }
            }
        }
    }

    @Test func `pages of three show ten upstreams once each`() throws {
        var state = KongState()
        let world = Self.surroundings
        for number in 0..<10 {
            _ = try state.insert(.upstreams, ["name": .string("u\(number)")], in: world)
        }
        var offset: String?
        var seen: [String] = []
        var sizes: [Int] = []
        repeat {
            let query = [("size", "3")] + (offset.map { [("offset", $0)] } ?? [])
            let request = AdminRequest(method: "GET", path: ["upstreams"], query: query)
            let answer = AdminAPI(world: world, node: Self.node).answer(request, state: &state).answer
            guard case .json(.table(let page)) = answer.body else { break }
            let names = page["data"]?.list?.compactMap { $0.table?.name } ?? []
            seen += names
            sizes.append(names.count)
            offset = page["offset"]?.text
        } while offset != nil
        #expect(sizes == [3, 3, 3, 1])
        #expect(Set(seen).count == 10)
    }

    @Test func `deleting an upstream takes its targets along, a service its plugins`() throws {
        var state = KongState()
        let world = Self.surroundings
        let upstream = try state.insert(.upstreams, ["name": "u"], in: world)
        let link: LuaValue = .table(["id": .string(upstream.id)])
        _ = try state.insert(.targets, ["target": "a:1", "upstream": link], in: world)
        let service = try state.insert(.services, ["host": "h"], in: world)
        let owner: LuaValue = .table(["id": .string(service.id)])
        _ = try state.insert(.plugins, ["name": "key-auth", "service": owner], in: world)
        try state.delete(.upstreams, .id(upstream.id))
        try state.delete(.services, .id(service.id))
        #expect(state.rows(.targets).isEmpty)
        #expect(state.rows(.plugins).isEmpty)
    }

    @Test func `a refused write changes nothing`() throws {
        var state = KongState()
        let world = Self.surroundings
        _ = try state.insert(.services, ["name": "s", "host": "h"], in: world)
        let before = state.rows(.services)
        for body: Row in [["host": "h:1"], ["port": 70000], ["nope": 1], ["host": .null]] {
            #expect(throws: KongFault.self) {
                try state.update(.services, .unique(field: "name", value: "s"), body, in: world)
            }
            #expect(throws: KongFault.self) { try state.insert(.services, body, in: world) }
        }
        #expect(state.rows(.services) == before)
    }

    private static let node = NodeAccess(nodeID: "n", hostname: "h", isDBLess: false)
    private static let surroundings = Surroundings(
        now: { 1_700_000_000.5 },
        newID: {
            var generator = SystemRandomNumberGenerator()
            return UUIDText.random(using: &generator)
        })
}
