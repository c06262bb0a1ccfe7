import HTTPMessage
import HTTPTypes
import JSONText
import RolloutJSON
import Rollouts

/// Why a request was not done: RFC 9457, with every fault at once.
struct Problem: Error, Sendable {
    /// The last part of `type`; scripts stand on these words.
    enum Slug: String, CaseIterable, Sendable {
        case malformed, invalid, unauthenticated, forbidden, unavailable, `internal`
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case nameTaken = "name-taken"
        case upstreamHeld = "upstream-held"
        case needsAdoption = "needs-adoption"
        case illegalNow = "illegal-now"
        case staleRevision = "stale-revision"
        case keyReused = "key-reused"
        case keyInUse = "key-in-use"
        case tooLarge = "too-large"
        case unsupportedMediaType = "unsupported-media-type"
    }

    enum Place: Sendable {
        case pointer(String), parameter(String), header(String)
    }

    struct Detail: Sendable {
        let place: Place
        let detail: String
    }

    /// Members that only some problems have.
    enum Extra: Sendable {
        case none
        case holder(RolloutName)
        case differences([Cause.Difference])
        case phase(Phase.Name, actions: [Verb])
    }

    let slug: Slug
    let status: HTTPResponse.Status
    let title: String
    let detail: String
    var errors: [Detail] = []
    var extra = Extra.none
    var headers: HTTPFields = [:]

    init(
        _ slug: Slug, _ status: HTTPResponse.Status, _ title: String, _ detail: String,
        errors: [Detail] = [], extra: Extra = .none, headers: HTTPFields = [:]
    ) {
        self.slug = slug
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors
        self.extra = extra
        self.headers = headers
    }

    /// - Parameter requestID: a UUID, also in the log.
    func response(requestID: String) -> Response {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.key("type")
        writer.value("urn:kong-rollouts:\(slug.rawValue)")
        writer.key("title")
        writer.value(title)
        writer.key("status")
        writer.value(status.code)
        writer.key("detail")
        writer.value(detail)
        writer.key("instance")
        writer.value("urn:uuid:\(requestID)")
        if !errors.isEmpty { writeErrors(into: &writer) }
        switch extra {
        case .none: break
        case .holder(let name):
            writer.key("holder")
            writer.value(name.description)
        case .differences(let differences):
            writer.key("differences")
            writer.value(CauseWriter.value(of: differences))
        case .phase(let phase, let actions):
            writer.key("phase")
            writer.value(phase.rawValue)
            writer.key("actions")
            writer.beginArray()
            for action in actions { writer.value(action.rawValue) }
            writer.endArray()
        }
        writer.endObject()
        var fields = headers
        fields[.contentType] = "application/problem+json"
        fields[.cacheControl] = "no-store"
        return Response(status: status, headers: fields, body: .bytes(writer.bytes))
    }

    private func writeErrors(into writer: inout JSONWriter) {
        writer.key("errors")
        writer.beginArray()
        for error in errors {
            writer.beginObject()
            switch error.place {
            case .pointer(let pointer):
                writer.key("pointer")
                writer.value(pointer)
            case .parameter(let name):
                writer.key("parameter")
                writer.value(name)
            case .header(let name):
                writer.key("header")
                writer.value(name)
            }
            writer.key("detail")
            writer.value(error.detail)
            writer.endObject()
        }
        writer.endArray()
    }
}
