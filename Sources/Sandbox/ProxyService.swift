internal import HTTPMessage
internal import HTTPTypes
internal import Synchronization

/// One node's proxy: a route, a balancer, a peer, and another peer if that one cannot be reached.
final class ProxyService: Sendable {
    private let node: KongNode
    private let names: NameTable
    private let upstreams: UpstreamClient
    private let logs: LogQueues<LogEntry>

    init(node: KongNode, names: NameTable, upstreams: UpstreamClient, logs: LogQueues<LogEntry>) {
        self.node = node
        self.names = names
        self.upstreams = upstreams
        self.logs = logs
    }

    func answer(_ request: Request) async -> Response {
        var passage = Passage(started: .now())
        let id = Self.newRequestID()
        let host = request.headers[Self.host] ?? ""
        let view = node.view
        let found = view.routes.match(
            method: request.method.rawValue, host: host, path: request.path
        ) { name in HTTPField.Name(name).map { request.headers.values(of: $0) } ?? [] }
        let response: Response
        let chain: PluginTable.Chain
        if let found {
            chain = view.plugins.chain(route: found.route.row.id)
            response = await answer(request, host, found, id, &passage)
        } else {
            chain = view.plugins.everywhere
            response = Self.refusal(404, "no Route matched with those values", id)
        }
        if let settings = chain.log {
            logs.put(
                LogEntry(request, id: id, chain: chain, passage: passage, response: response),
                for: settings)
        }
        return response
    }

    private func answer(
        _ request: Request, _ host: String, _ found: RouteTable.Match, _ id: String,
        _ passage: inout Passage
    ) async -> Response {
        guard found.route.takesHTTP || request.isSecure else {
            return Self.refusal(426, "Please use HTTPS protocol", id)
        }
        guard let service = found.route.service else {
            return Self.refusal(503, "no Service found with those values", id)
        }
        guard service["enabled"]?.flag != false else {
            return Self.refusal(404, "no Route matched with those values", id)
        }
        return await forward(
            Attempt(request: request, host: host, match: found, service: service, id: id),
            &passage)
    }

    /// Everything that stays the same over the tries of one request.
    private struct Attempt {
        let request: Request
        let host: String
        let match: RouteTable.Match
        let service: Row
        let id: String

        var target: String {
            let path = match.route.upstreamPath(for: request.path, matched: match.matchedPath)
            return request.query.map { "\(path)?\($0)" } ?? path
        }

        /// Methods that may be sent twice.
        var isIdempotent: Bool { !["POST", "PATCH", "LOCK"].contains(request.method.rawValue) }
    }

    private func forward(_ attempt: Attempt, _ passage: inout Passage) async -> Response {
        let service = attempt.service
        let upstream = node.view.upstreams[service["host"]?.text ?? ""]
        let balancer = upstream.flatMap(node.balancer)
        let hash = upstream.map { HashInput($0, request: attempt.request, newID: Self.newUUID) }
        let retries = service["retries"]?.integer ?? 5
        let timeout = Duration.milliseconds(service["read_timeout"]?.integer ?? 60_000)
        let target = attempt.target
        passage.upstreamURI = target
        var failure = UpstreamClient.Failure.noConnection
        for _ in 0...max(0, retries) {
            let start = Moment.now()
            let found = upstream == nil
                ? directPeer(service) : balancer?.next(hashValue: hash?.value ?? "")
            guard let peer = found else {
                return upstream == nil
                    ? Self.refusal(500, "An unexpected error occurred", attempt.id)
                    : Self.refusal(503, "failure to get a peer from the ring-balancer", attempt.id)
            }
            let chosen = Moment.now()
            passage.begin(
                Passage.Try(
                    ip: peer.ip, port: peer.port, target: peer.target, start: start, chosen: chosen))
            do throws(UpstreamClient.Failure) {
                var response = try await send(attempt, target, to: peer, upstream, timeout)
                passage.answer(status: response.status.code, retries: retries)
                Self.mark(&response, attempt.id, passage)
                if let cookie = hash?.mintedCookie {
                    response.headers.append(HTTPField(name: .setCookie, value: cookie))
                }
                return response
            } catch {
                failure = error
                passage.fail(error == .timedOut ? 504 : 502)
                if error != .noConnection, !attempt.isIdempotent { break }
            }
        }
        let status = failure == .timedOut ? 504 : 502
        passage.end(status: status, retries: retries)
        return failure == .timedOut
            ? Self.refusal(status, "The upstream server is timing out", attempt.id)
            : Self.refusal(
                status, "An invalid response was received from the upstream server", attempt.id)
    }

    /// A model of this sandbox is called without a connection, which doubles what one core serves.
    private func send(
        _ attempt: Attempt, _ target: String, to peer: Balancer.Peer, _ upstream: Row?,
        _ timeout: Duration
    ) async throws(UpstreamClient.Failure) -> Response {
        if let model = names.model(at: peer.endpoint) {
            return try await model.answer(within: timeout)
        }
        return try await upstreams.send(
            attempt.request.method.rawValue, to: peer.endpoint, target: target,
            headers: headers(attempt, peer, upstream), body: attempt.request.body, timeout: timeout)
    }

    private func directPeer(_ service: Row) -> Balancer.Peer? {
        let host = service["host"]?.text ?? ""
        let port = service["port"]?.integer ?? 80
        return names.resolve(host, port: port).endpoint.map {
            Balancer.Peer(host: host, port: port, ip: $0.ip, endpoint: $0, weight: 1)
        }
    }

    private func headers(
        _ attempt: Attempt, _ peer: Balancer.Peer, _ upstream: Row?
    ) -> [(String, String)] {
        let ownHost = peer.port == 80 ? peer.host : "\(peer.host):\(peer.port)"
        let host = attempt.match.route.preservesHost
            ? attempt.host : upstream?["host_header"]?.text ?? ownHost
        var headers = [("Host", host)]
        for (name, value) in attempt.request.headers.all {
            if !UpstreamClient.isHopByHop(name), name.lowercased() != "host" {
                headers.append((name, value))
            }
        }
        headers.append(("X-Forwarded-For", attempt.request.peer))
        headers.append(("X-Forwarded-Proto", attempt.request.isSecure ? "https" : "http"))
        headers.append(("X-Forwarded-Host", attempt.host))
        headers.append(("X-Forwarded-Path", attempt.request.path))
        headers.append(("X-Kong-Request-Id", attempt.id))
        return headers
    }
}

extension ProxyService {
    private static let host = HTTPField.Name("Host") ?? .accept
    private static let via = HTTPField.Name("Via")
    private static let requestID = HTTPField.Name("X-Kong-Request-Id")
    private static let upstreamLatency = HTTPField.Name("X-Kong-Upstream-Latency")
    private static let proxyLatency = HTTPField.Name("X-Kong-Proxy-Latency")
    private static let server = "kong/\(NodeDescription.version)"

    private static func mark(_ response: inout Response, _ id: String, _ passage: Passage) {
        if let via { response.headers[via] = "1.1 \(server)" }
        if let requestID { response.headers[requestID] = id }
        if let proxyLatency, let chosen = passage.tries.last?.chosen {
            response.headers[proxyLatency] = String(chosen.since(passage.started))
        }
        if let upstreamLatency { response.headers[upstreamLatency] = String(passage.proxyLatency) }
    }

    private static func refusal(_ code: Int, _ message: String, _ id: String) -> Response {
        var headers: HTTPFields = [
            .contentType: "application/json; charset=utf-8", .server: server,
        ]
        if let requestID { headers[requestID] = id }
        let body: Row = ["message": .string(message), "request_id": .string(id)]
        return Response(
            status: .init(code: code), headers: headers,
            body: .bytes(LuaValue.table(body).json))
    }

    private static func newRequestID() -> String {
        newUUID().filter { $0 != "-" }
    }

    private static func newUUID() -> String {
        var generator = SystemRandomNumberGenerator()
        return UUIDText.random(using: &generator)
    }
}
