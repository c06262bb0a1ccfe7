import HTTPMessage
import HTTPTypes
import JSONText

/// Reads a request's body.
enum JSONBody {
    /// The most bytes of a body.
    static let limit = 1 << 20
    static let types = ["application/json"]
    static let patchTypes = ["application/merge-patch+json", "application/json"]

    /// - Throws: 415 for another type, 400 for what is not JSON.
    static func read(
        _ request: Request, isPatch: Bool = false
    ) throws(Problem) -> JSONValue {
        try checkType(request.headers, isPatch: isPatch)
        do {
            return try JSONValue(
                parsing: request.body, limits: JSONLimits(maxDepth: 64, maxBytes: limit))
        } catch {
            throw .malformed(
                "The body is not JSON as it is taken here: \(error).",
                [Problem.Detail(place: .pointer(""), detail: "\(error)")])
        }
    }

    static func checkType(_ headers: RequestHeaders, isPatch: Bool) throws(Problem) {
        let accepted = isPatch ? patchTypes : types
        let sent = headers[.contentType]
        let type = (sent ?? "").split(separator: ";", omittingEmptySubsequences: false)[0]
            .filter { $0 != " " && $0 != "\t" }.lowercased()
        guard accepted.contains(type) else {
            throw .unsupported(
                sent.map { String($0.prefix(100)) }, accepted: accepted, isPatch: isPatch)
        }
    }
}
