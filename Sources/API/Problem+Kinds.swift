import HTTPMessage
import HTTPTypes
import JSONText
import RolloutJSON
import Rollouts

/// The problems of requests, whatever rollout they are about.
extension Problem {
    static func malformed(_ detail: String, _ errors: [Detail] = []) -> Problem {
        Problem(.malformed, .badRequest, "Malformed request", detail, errors: errors)
    }

    static func header(_ name: String, _ detail: String) -> Problem {
        malformed(
            "The header \(name) is wrong: it \(detail).",
            [Detail(place: .header(name), detail: detail)])
    }

    static func parameters(_ errors: [Detail]) -> Problem {
        malformed(
            errors.count == 1
                ? "A query parameter is wrong." : "\(errors.count) query parameters are wrong.",
            errors)
    }

    static func invalid(_ faults: Faults) -> Problem {
        let count = faults.all.count
        return Problem(
            .invalid, .unprocessableContent, "Invalid",
            (count == 1 ? "1 value is wrong" : "\(count) values are wrong")
                + "; nothing was changed. `errors` says where, and what is allowed.",
            errors: faults.all.map {
                Detail(place: .pointer($0.pointer.description), detail: $0.detail)
            })
    }

    static func invalid(pointer: String, _ detail: String) -> Problem {
        Problem(
            .invalid, .unprocessableContent, "Invalid",
            "1 value is wrong; nothing was changed. `errors` says where, and what is allowed.",
            errors: [Detail(place: .pointer(pointer), detail: detail)])
    }

    static func notFound(_ detail: String) -> Problem {
        Problem(.notFound, .notFound, "Not found", detail)
    }

    static func noRollout(_ name: String) -> Problem {
        notFound("There is no rollout \(name). GET /v1/rollouts lists those that exist.")
    }

    static func methodNotAllowed(_ method: String, allowed: String) -> Problem {
        Problem(
            .methodNotAllowed, .methodNotAllowed, "Method not allowed",
            "\(method) is not answered here; \(allowed) are.", headers: [.allow: allowed])
    }

    static func unauthenticated(_ detail: String) -> Problem {
        Problem(
            .unauthenticated, .unauthorized, "Unauthenticated", detail,
            headers: [.wwwAuthenticate: "Bearer"])
    }

    static func forbidden(_ detail: String) -> Problem {
        Problem(.forbidden, .forbidden, "Forbidden", detail)
    }

    static func needs(_ role: Role, for what: String, has: Role) -> Problem {
        forbidden("The role \(has.rawValue) does not allow \(what); \(role.rawValue) does.")
    }

    static func unsupported(_ sent: String?, accepted: [String], isPatch: Bool) -> Problem {
        let list = accepted.joined(separator: ", ")
        return Problem(
            .unsupportedMediaType, HTTPResponse.Status.unsupportedMediaType,
            "Unsupported media type",
            (sent.map { "The Content-Type \($0) is not accepted" }
                ?? "The body needs a Content-Type") + "; accepted here: \(list).",
            headers: isPatch ? [.acceptPatch: list] : [:])
    }

    static func unavailable(_ detail: String) -> Problem {
        Problem(
            .unavailable, .serviceUnavailable, "Unavailable", detail, headers: [.retryAfter: "1"])
    }

    static let notReady = unavailable(
        "The service is still reading its ledger; try again in a moment.")

    static func tooLarge(_ limit: Int) -> Problem {
        Problem(
            .tooLarge, .contentTooLarge, "Too large",
            "The body is above \(limit) bytes, the most that is taken here.")
    }

    /// What the server could not hand over.
    static func server(_ fault: ServerFault) -> Problem {
        switch fault {
        case .malformed(let detail): .malformed(detail)
        case .bodyTooLarge(let limit): .tooLarge(limit)
        case .targetTooLong(let limit):
            Problem(
                .tooLarge, .uriTooLong, "Target too long", "The URL is above \(limit) bytes.")
        case .headersTooLarge(let limit):
            Problem(
                .tooLarge, .requestHeaderFieldsTooLarge, "Header fields too large",
                "The header fields are above \(limit) bytes.")
        case .unsupportedTransferCoding:
            Problem(
                .malformed, .notImplemented, "Not implemented",
                "Only the transfer coding chunked is supported.")
        case .deadlineExceeded:
            .unavailable(
                "The answer was not ready in time; what was saved is kept. Look before you repeat.")
        case .requestTooSlow:
            Problem(
                .malformed, .requestTimeout, "Request timeout",
                "The request took too long to arrive.")
        case .unavailable:
            .unavailable("The service is stopping or has as many connections as it takes.")
        }
    }
}
