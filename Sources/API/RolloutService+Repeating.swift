import HTTPMessage
import HTTPTypes
import Rollouts

/// A change that may be asked for twice.
struct Change: Sendable {
    let actor: Actor
    /// What is kept with the event, so that a repetition is recognised after a crash.
    let provisional: (@Sendable (RolloutName, HTTPResponse.Status) -> KeptAnswer)?

    func terms(
        _ name: RolloutName, reason: String?, revisions: [Int]?, status: HTTPResponse.Status
    ) -> CommandTerms {
        CommandTerms(
            actor: actor.name, reason: reason, revisions: revisions,
            answer: provisional?(name, status))
    }
}

extension RolloutService {
    /// Does `work` unless the request's `Idempotency-Key` says that it was done.
    ///
    /// - Parameter name: nil while the body, which names the rollout, was not read.
    func once(
        _ call: Call, _ name: RolloutName?,
        _ work: (Change) async throws(Problem) -> Response
    ) async throws(Problem) -> Response {
        let fields = call.request.headers.values(of: .idempotencyKey)
        guard let sent = fields.first else {
            return try await work(Change(actor: call.actor, provisional: nil))
        }
        guard fields.count == 1, (1...255).contains(sent.utf8.count),
            sent.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            throw .header("Idempotency-Key", "must be 1 to 255 printable ASCII characters, once")
        }
        let key = IdempotencyKeys.key(sent, of: call.actor)
        let fingerprint = IdempotencyKeys.fingerprint(of: call.request)
        let moment = now()
        let expires = moment.advanced(byMilliseconds: IdempotencyKeys.lifetime)
        switch idempotency.look(key, fingerprint: fingerprint, at: moment) {
        case .inUse:
            throw Problem(
                .keyInUse, .conflict, "Key in use",
                "A request with this Idempotency-Key is being answered; ask again in a moment.",
                headers: [.retryAfter: "1"])
        case .differs:
            throw Problem(
                .keyReused, .unprocessableContent, "Key reused",
                "This Idempotency-Key was used for another request; every request needs its own.",
                errors: [
                    Problem.Detail(
                        place: .header("Idempotency-Key"), detail: "was used for another request")
                ])
        case .answered(let answer):
            return try replay(answer)
        case .free:
            break
        }
        let change = Change(actor: call.actor) { name, status in
            RememberedAnswer(
                fingerprint: fingerprint, status: status.code, rollout: name, expires: expires
            ).kept(under: key)
        }
        do throws(Problem) {
            let response = try await work(change)
            let answer = RememberedAnswer(
                fingerprint: fingerprint, response, rollout: name, expires: expires)
            idempotency.finish(key, answer)
            await conductor.keep(answer.kept(under: key))
            return response
        } catch {
            idempotency.release(key)
            throw error
        }
    }

    private func replay(_ answer: RememberedAnswer) throws(Problem) -> Response {
        var fields: HTTPFields = [:]
        let status = HTTPResponse.Status(code: answer.status)
        guard let body = answer.body else {
            // Saved, and the answer was lost in a crash: the rollout as it is now.
            fields[.idempotencyReplayed] = "true"
            guard let name = answer.rollout, status != .noContent else {
                return Response(status: .noContent, headers: fields)
            }
            var response = represented(try existing(name), status: status)
            response.headers[.idempotencyReplayed] = "true"
            return response
        }
        for header in answer.headers {
            if let name = HTTPField.Name(header.name) { fields[name] = header.value }
        }
        fields[.idempotencyReplayed] = "true"
        return Response(
            status: status, headers: fields, body: body.isEmpty ? .empty : .bytes(body))
    }

    /// An answer with a rollout in it.
    func represented(_ state: RolloutState, status: HTTPResponse.Status) -> Response {
        let entry = cache.entry(for: state, at: now())
        var fields = entry.full.headers
        if status == .created {
            fields[.location] = fields[.contentLocation]
        }
        return Response(status: status, headers: fields, body: .bytes(entry.full.bytes))
    }
}
