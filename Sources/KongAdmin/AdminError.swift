/// Why a call brought no result. Closed, so that every case is answered where it is caught.
///
/// The client never repeats a call: whether and when to try again is the caller's to decide, with
/// ``isPerhapsApplied`` saying whether the world must be read first. No case holds a secret.
///
/// ```swift
/// do throws(AdminError) {
///     _ = try await client.updateTarget("10.0.0.7:8080", in: "models", TargetDraft(weight: 20))
/// } catch {
///     if error.isPerhapsApplied { /* read the target before deciding */ }
/// }
/// ```
public enum AdminError: Error, Sendable, Equatable {
    /// Kong understood and declined (4xx). Nothing changed.
    case refused(KongRefusal)
    /// 401: the endpoint wants a token, or another one. Nothing changed.
    case unauthorized(String)
    /// 403: the token may not do this. Nothing changed.
    case forbidden(String)
    /// 429: too many calls. Nothing changed. The wait is what Kong asked for, if it said.
    case throttled(retryAfter: Duration?)
    /// The call was never sent. Nothing changed.
    case unreachable(String)
    /// It may have been sent, and no answer came. Perhaps applied.
    case lost(String)
    /// 5xx. Perhaps applied.
    case server(status: Int, message: String)
    /// The answer is not what Kong says it is. A write is perhaps applied.
    case unreadable(String)
    /// A bound of this client was met: the length of a list or of a body. A write is perhaps applied.
    case limitExceeded(String)

    /// Whether a write that ended so may have taken effect.
    public var isPerhapsApplied: Bool {
        switch self {
        case .refused, .unauthorized, .forbidden, .throttled, .unreachable: false
        case .lost, .server, .unreadable, .limitExceeded: true
        }
    }

    /// The Admin API's 404: what the typed calls turn into nil where they can.
    public var isNotFound: Bool {
        switch self {
        case .refused(let refusal): refusal.isNotFound
        case .unauthorized, .forbidden, .throttled, .unreachable, .lost, .server, .unreadable,
            .limitExceeded:
            false
        }
    }
}

extension AdminError: CustomStringConvertible {
    /// What happened, where, and what to do about it.
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .unauthorized(let text):
            "\(text) Kong wants credentials (401); check the token of this endpoint."
        case .forbidden(let text):
            "\(text) The credentials do not allow it (403); grant the role or use another token."
        case .throttled(let wait):
            "Kong asks for fewer calls (429); "
                + (wait.map { "try again after \($0)." } ?? "try again later.")
        case .unreachable(let text): "\(text) Nothing was sent; check address, port and TLS."
        case .lost(let text): "\(text) It may have been applied; read before repeating it."
        case .server(let status, let message):
            "\(message) Kong failed with \(status); look at its error log and its database."
        case .unreadable(let text), .limitExceeded(let text): text
        }
    }
}
