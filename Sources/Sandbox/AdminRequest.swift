internal import HTTPMessage
internal import HTTPTypes

/// A request to the Admin API, decoded.
struct AdminRequest: Sendable {
    let method: String
    /// The segments of the path, decoded; no empty one at the end.
    let path: [String]
    let queryPairs: [(name: String, value: String)]
    let contentType: String?
    let body: [UInt8]

    var query: Query { Query(pairs: queryPairs) }

    init(
        method: String, path: [String], query: [(name: String, value: String)] = [],
        contentType: String? = "application/json", body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        queryPairs = query
        self.contentType = contentType
        self.body = body
    }

    /// `nil` if the path or the query has no meaning.
    init?(_ request: Request) {
        do {
            var path = try request.path.split(separator: "/", omittingEmptySubsequences: false)
                .dropFirst().map { try PercentDecoding.decode($0) }
            if path.last == "" { path.removeLast() }
            self.path = path
            queryPairs = try request.query.map(PercentDecoding.query) ?? []
        } catch {
            return nil
        }
        method = request.method.rawValue
        contentType = request.headers[.contentType]
        body = request.body
    }
}

/// An answer of the Admin API.
struct AdminAnswer: Equatable, Sendable {
    enum Body: Equatable, Sendable {
        case none
        case json(LuaValue)
        case html(String)
    }

    var status: Int
    var body: Body
    /// The `Allow` header of an answer to OPTIONS.
    var allow: String?

    static func ok(_ row: Row) -> AdminAnswer { AdminAnswer(status: 200, body: .json(.table(row))) }
    static func created(_ row: Row) -> AdminAnswer {
        AdminAnswer(status: 201, body: .json(.table(row)))
    }
    static let noContent = AdminAnswer(status: 204, body: .none)
    static func fault(_ fault: KongFault) -> AdminAnswer {
        AdminAnswer(status: fault.status, body: .json(.table(fault.body)))
    }

    /// What nginx itself says to a body of a kind Kong does not read.
    static let unsupportedMediaType = AdminAnswer(
        status: 415,
        body: .html(
            "<html>\r\n<head><title>415 Unsupported Media Type</title></head>\r\n<body>\r\n"
                + "<center><h1>415 Unsupported Media Type</h1></center>\r\n</body>\r\n</html>\r\n"))
}

/// What a write changed, for the nodes that have to follow it.
enum KongChange: Equatable, Sendable {
    /// Services, routes or plugins.
    case routing
    /// An upstream was made, changed or deleted.
    case upstream(String)
    /// The targets of that upstream.
    case targets(String)
    /// Everything at once, by a declarative configuration.
    case configuration
}
