import HTTPMessage
import HTTPTypes

/// A request from somebody who may ask.
struct Call: Sendable {
    let request: Request
    let actor: Actor

    var isPost: Bool { request.method == .post }

    func query(single: [String] = [], repeated: [String] = []) throws(Problem) -> Query {
        try Query(request.query, single: single, repeated: repeated)
    }

    /// The revisions that `If-Match` allows; nil: any.
    func revisions() throws(Problem) -> [Int]? {
        let fields = request.headers.values(of: .ifMatch)
        guard !fields.isEmpty else { return nil }
        guard let tags = EntityTags(fields) else {
            throw .header("If-Match", "must be entity tags such as \"12\" in quotes, or *")
        }
        return tags.revisions
    }
}
