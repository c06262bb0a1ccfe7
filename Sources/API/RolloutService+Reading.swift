import HTTPMessage
import HTTPTypes
import JSONText
import Rollouts

/// GET of one rollout and of what would be done for it.
extension RolloutService {
    func show(_ name: RolloutName, _ call: Call) throws(Problem) -> Response {
        _ = try call.query()
        let state = try existing(name)
        let entry = cache.entry(for: state, at: now())
        return Response(call.knows(entry.tag) ? entry.notModified : entry.full)
    }

    /// - Throws: 404, or 503 before the ledger was read.
    func existing(_ name: RolloutName) throws(Problem) -> RolloutState {
        if let state = conductor.state(of: name) { return state }
        guard conductor.isReady else { throw .notReady }
        throw .noRollout(name.description)
    }

    func plannedCalls(of name: RolloutName, _ call: Call) async throws(Problem) -> Response {
        _ = try call.query()
        _ = try existing(name)
        do {
            return planned(try await conductor.plannedCalls(for: name))
        } catch {
            throw Problem(error, name: name, at: now())
        }
    }

    /// `{"calls": [...]}`.
    func planned(_ calls: [PlannedCall]) -> Response {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.key("calls")
        writer.beginArray()
        for call in calls {
            writer.beginObject()
            writer.key("method")
            writer.value(call.method)
            writer.key("path")
            writer.value(call.path)
            writer.key("body")
            if call.body.isEmpty { writer.null() } else { writer.raw(call.body) }
            writer.key("why")
            writer.value(call.why)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return json(writer.bytes)
    }

    /// An answer that is not a rollout, not to be kept by anybody.
    func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .bytes(bytes))
    }
}
