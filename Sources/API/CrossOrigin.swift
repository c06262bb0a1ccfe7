import HTTPMessage
import HTTPTypes

/// What browsers have to be told so that pages of allowed origins may call (CORS).
extension Gatekeeper {
    private static let exposed =
        "ETag, Location, Link, Retry-After, X-Request-Id, Idempotency-Replayed, Preference-Applied"
    private static let accepted =
        "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Prefer, "
        + "Last-Event-ID"

    /// Adds to an answer what its origin must see.
    func mark(_ fields: inout HTTPFields, for origin: String?) {
        guard !allowedOrigins.isEmpty else { return }
        fields[.vary] = "Origin"
        guard let origin, allows(origin) else { return }
        fields[.accessControlAllowOrigin] = origin
        fields[.accessControlExposeHeaders] = Self.exposed
    }

    /// The answer to OPTIONS; to a preflight when an allowed origin asks.
    func options(for endpoint: Endpoint, _ headers: RequestHeaders) -> Response {
        var fields: HTTPFields = [.allow: endpoint.allow]
        if case .rollout = endpoint {
            fields[.acceptPatch] = JSONBody.patchTypes.joined(separator: ", ")
        }
        if let origin = headers[.origin], allows(origin),
            headers[.accessControlRequestMethod] != nil
        {
            fields[.accessControlAllowMethods] = endpoint.allow
            fields[.accessControlAllowHeaders] = Self.accepted
            fields[.accessControlMaxAge] = "600"
        }
        return Response(status: .noContent, headers: fields)
    }
}
