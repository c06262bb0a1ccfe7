public import HTTPMessage
import HTTPTypes
import RolloutJSON
public import Rollouts
import Synchronization

/// Turns requests into commands, and their outcomes into answers.
///
/// Knows nothing of sockets: a server asks ``admit(_:)`` when it has read a head and
/// ``respond(to:)`` when it has the body.
public final class RolloutService: Sendable {
    let configuration: APIConfiguration
    let conductor: any Conductor
    let now: @Sendable () -> Timestamp
    let randomID: @Sendable () -> String
    let gatekeeper: Gatekeeper
    let cache: ResourceCache
    let idempotency: IdempotencyKeys
    /// Event streams that are open; bounded, because each holds memory for a slow client.
    let openStreams = Mutex(0)

    /// - Parameters:
    ///   - now: the wall clock.
    ///   - randomID: a new UUID at each call.
    public init(
        _ configuration: APIConfiguration, conductor: any Conductor,
        now: @escaping @Sendable () -> Timestamp, randomID: @escaping @Sendable () -> String
    ) {
        self.configuration = configuration
        self.conductor = conductor
        self.now = now
        self.randomID = randomID
        gatekeeper = Gatekeeper(configuration)
        cache = ResourceCache(
            publicURL: configuration.publicURL,
            variesByOrigin: !configuration.allowedOrigins.isEmpty)
        idempotency = IdempotencyKeys(kept: conductor.keptAnswers(), at: now())
    }

    /// What becomes of a request of which only the head was read.
    public enum Admission: Sendable {
        /// Read a body of at most so many bytes, then ask ``RolloutService/respond(to:)``.
        case accept(maxBody: Int)
        /// The body need not be read.
        case reject(Response)
    }

    /// Refuses before the body what can be refused before it.
    public func admit(_ head: RequestHead) -> Admission {
        if let admission = telemetryAdmission(head) { return admission }
        guard head.announcesBody else { return .accept(maxBody: JSONBody.limit) }
        do throws(Problem) {
            let endpoint = try Endpoint(path: head.path)
            if head.method != .options {
                try gatekeeper.checkSource(head.headers, isSecure: head.isSecure, peer: head.peer)
                if !endpoint.isOpen { _ = try gatekeeper.actor(head.headers, at: now()) }
                try checkMethod(head.method, endpoint)
            }
            if let length = head.contentLength, length > JSONBody.limit {
                throw .tooLarge(JSONBody.limit)
            }
            if head.method == .post || head.method == .patch {
                try JSONBody.checkType(head.headers, isPatch: head.method == .patch)
            }
            return .accept(maxBody: JSONBody.limit)
        } catch {
            return .reject(finished(error.response(requestID:), head.headers))
        }
    }

    public func respond(to request: Request) async -> Response {
        if let response = telemetry(for: request) { return response }
        do throws(Problem) {
            let response = try await answer(to: request)
            return finished({ _ in response }, request.headers)
        } catch {
            return finished(error.response(requestID:), request.headers)
        }
    }

    /// What the server has to answer by itself, in the words of this interface.
    ///
    /// - Parameter head: nil when not even that could be read.
    public func fault(_ fault: ServerFault, _ head: RequestHead?) -> Response {
        finished(
            Problem.server(fault).response(requestID:), head?.headers ?? RequestHeaders())
    }

    /// The answer to a GET of a rollout that was encoded before; nil: ask ``respond(to:)``.
    ///
    /// Takes no part in the way of all other requests, so that it costs next to nothing.
    ///
    /// - Parameter path: raw, of a request without a query.
    public func prepared(
        _ path: Span<UInt8>, _ headers: RequestHeaders, peer: String
    ) -> PreparedResponse? {
        guard let kept = cache.kept(path), headers[.origin] == nil else { return nil }
        do throws(Problem) {
            try gatekeeper.checkHost(headers, peer: peer)
            _ = try gatekeeper.actor(headers, at: now())
        } catch { return nil }
        guard let stamp = conductor.stamp(of: kept.name) else {
            cache.forget(kept.name)
            return nil
        }
        var entry = kept
        if !kept.isCurrent(stamp, at: now()) {
            guard let state = conductor.state(of: kept.name) else { return nil }
            entry = cache.entry(for: state, at: now())
        }
        guard headers[.ifNoneMatch] != nil else { return entry.full }
        return headers.know(entry.tag) ? entry.notModified : entry.full
    }

    /// Adds what every answer carries.
    func finished(
        _ make: (_ requestID: String) -> Response, _ headers: RequestHeaders
    ) -> Response {
        let requestID = randomID()
        var response = make(requestID)
        response.headers[.requestID] = requestID
        gatekeeper.mark(&response.headers, for: headers[.origin])
        return Response(
            status: response.status, headers: response.headers, body: response.body)
    }

    private func checkMethod(
        _ method: HTTPRequest.Method, _ endpoint: Endpoint
    ) throws(Problem) {
        let plain: HTTPRequest.Method = method == .head ? .get : method
        guard endpoint.methods.contains(plain) else {
            throw .methodNotAllowed(String(method.rawValue.prefix(40)), allowed: endpoint.allow)
        }
    }

    private func answer(to request: Request) async throws(Problem) -> Response {
        if request.method == .options, request.path == "*" {
            return Response(status: .noContent, headers: [.allow: "GET, HEAD, OPTIONS"])
        }
        let endpoint: Endpoint
        do throws(Problem) { endpoint = try Endpoint(path: request.path) } catch {
            // Who may not ask learns nothing of what there is.
            if request.method != .options {
                try gatekeeper.checkSource(
                    request.headers, isSecure: request.isSecure, peer: request.peer)
                _ = try gatekeeper.actor(request.headers, at: now())
            }
            throw error
        }
        if request.method == .options { return gatekeeper.options(for: endpoint, request.headers) }
        try gatekeeper.checkSource(
            request.headers, isSecure: request.isSecure, peer: request.peer)
        let actor =
            endpoint.isOpen ? Actor.anonymous : try gatekeeper.actor(request.headers, at: now())
        try checkMethod(request.method, endpoint)
        return try await answer(to: Call(request: request, actor: actor), at: endpoint)
    }

    private func answer(
        to call: Call, at endpoint: Endpoint
    ) async throws(Problem) -> Response {
        switch endpoint {
        case .rollouts:
            call.isPost ? try await create(call) : try list(call)
        case .rollout(let name):
            switch call.request.method {
            case .patch: try await amend(name, call)
            case .delete: try await delete(name, call)
            case _: try show(name, call)
            }
        case .verb(let verb, let name): try await perform(verb, on: name, call)
        case .plan(let name): try await plannedCalls(of: name, call)
        case .events(let name): try events(of: name, call)
        case .analysis(let name): try analysis(of: name, call)
        case .measurements(let name): try await measure(name, call)
        // A POST never comes so far.
        case .telemetry: throw .methodNotAllowed(call.request.method.rawValue, allowed: "POST")
        case .gateways: try await gateways(call)
        case .health: try health(call)
        case .readiness: try readiness(call)
        case .metrics: try metrics(call)
        case .contract: try contract(call)
        case .index: try index(call)
        }
    }
}
