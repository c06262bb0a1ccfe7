import HTTPTypes

extension HTTPField.Name {
    static let acceptPatch = known("Accept-Patch")
    static let hostName = known("Host")
    static let idempotencyKey = known("Idempotency-Key")
    static let idempotencyReplayed = known("Idempotency-Replayed")
    static let lastEventID = known("Last-Event-ID")
    static let link = known("Link")
    static let prefer = known("Prefer")
    static let preferenceApplied = known("Preference-Applied")
    static let requestID = known("X-Request-Id")

    /// A name that is a token, so that the initialiser cannot fail.
    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else {
            preconditionFailure("\(name) is no header name")
        }
        return name
    }
}
