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

    /// The revisions that `If-Match` allows; nil: any. What is no entity tag names none of them,
    /// so that a condition that cannot be read never counts as met.
    var revisions: [Int]? {
        let fields = request.headers.values(of: .ifMatch)
        guard !fields.isEmpty else { return nil }
        return EntityTags(fields).map(\.revisions) ?? []
    }

    /// Whether `If-None-Match` names the tag; what is no entity tag names none.
    func knows(_ tag: String) -> Bool { request.headers.know(tag) }
}

extension RequestHeaders {
    /// Whether `If-None-Match` names the tag; what is no entity tag names none.
    func know(_ tag: String) -> Bool {
        EntityTags(values(of: .ifNoneMatch))?.contains(tag) ?? false
    }
}
