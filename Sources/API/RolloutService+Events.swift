import HTTPMessage
import HTTPTypes
import JSONText
import RolloutJSON
import Rollouts
import Synchronization

/// History, page by page or live.
extension RolloutService {
    /// Streams that may be open at once.
    static let streamLimit = 2_048
    /// Bytes that may wait for a slow client: room for a few hundred events. A client that is cut
    /// off goes on from the last event it got.
    static let streamCapacity = 256 << 10

    /// - Parameter name: nil: of all rollouts.
    func events(of name: RolloutName?, _ call: Call) throws(Problem) -> Response {
        let query = try call.query(single: ["after", "limit"])
        let limit = try query.whole("limit", in: Self.pageLimits, default: Self.pageLimit)
        let after = try query.whole("after", in: 0...9_007_199_254_740_991, default: 0)
        guard conductor.isReady else { throw .notReady }
        let state = name.flatMap { conductor.state(of: $0) }
        if let name, state == nil, conductor.history(of: name, after: 0, limit: 1).events.isEmpty {
            throw .noRollout(name.description)
        }
        if Self.prefersStream(call.request.headers) {
            let last = call.request.headers[.lastEventID].flatMap { Int($0) }
            return try stream(
                of: name, after: last ?? (query["after"] == nil ? nil : after), state, call)
        }
        return page(conductor.history(of: name, after: after, limit: limit), call)
    }

    private func page(_ found: HistoryPage, _ call: Call) -> Response {
        let next = found.hasMore ? found.events.last.map { String($0.id) } : nil
        var writer = JSONWriter(capacity: 64 + found.events.count * 400)
        writer.beginObject()
        writer.key("items")
        writer.beginArray()
        for event in found.events { writer.raw(EventWriter.bytes(of: event)) }
        writer.endArray()
        writer.key("next_cursor")
        writer.value(next)
        writer.endObject()
        var response = json(writer.bytes)
        if let next { response.headers[.link] = link(call, replacing: "after", by: next) }
        return response
    }

    private static func prefersStream(_ headers: RequestHeaders) -> Bool {
        for field in headers.values(of: .accept) {
            for range in field.lowercased().split(separator: ",") {
                let type = range.split(separator: ";")[0].filter { $0 != " " && $0 != "\t" }
                if type == "text/event-stream" { return true }
                if type == "application/json" { return false }
            }
        }
        return false
    }

    private func stream(
        of name: RolloutName?, after last: Int?, _ state: RolloutState?, _ call: Call
    ) throws(Problem) -> Response {
        // Before the backlog is read, so that nothing falls between the two.
        let live = conductor.follow(name)
        if name != nil, state?.rollout.isDrained ?? true {
            let isOver =
                last.map { conductor.history(of: name, after: $0, limit: 1).events.isEmpty } ?? true
            if isOver { return Response(status: .noContent) }
        }
        let fields: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store",
        ]
        if call.request.method == .head { return Response(status: .ok, headers: fields) }
        guard takeStream() else {
            throw .unavailable("\(Self.streamLimit) event streams are open, as many as are served.")
        }
        let body = ResponseStream(
            capacity: Self.streamCapacity, heartbeat: Array(":\n\n".utf8), heartbeatInterval: .seconds(15))
        body.push(Array("retry: 2000\n\n".utf8))
        let feed = EventFeed(conductor: conductor, name: name, body: body)
        let task = Task { await feed.run(after: last, live) }
        body.onClose { [weak self] in
            task.cancel()
            self?.openStreams.withLock { $0 -= 1 }
        }
        return Response(status: .ok, headers: fields, body: .stream(body))
    }

    private func takeStream() -> Bool {
        openStreams.withLock { count in
            guard count < Self.streamLimit else { return false }
            count += 1
            return true
        }
    }
}
