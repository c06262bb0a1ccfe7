import HTTPMessage
import RolloutJSON
import Rollouts

/// Brings events into one stream: first what is kept, then what happens.
struct EventFeed: Sendable {
    let conductor: any Conductor
    /// Nil: of all rollouts.
    let name: RolloutName?
    let body: ResponseStream

    /// - Parameters:
    ///   - last: the last event that the client has; nil: it wants only what comes.
    ///   - live: events from a moment before this call on; those that the backlog had already
    ///     are left out.
    func run(after last: Int?, _ live: AsyncStream<HistoryEvent>) async {
        defer { body.finish() }
        var newest = 0
        if let last {
            newest = last
            guard await pushBacklog(&newest) else { return }
        }
        for await event in live where event.id > newest {
            guard push(event) else { return }
            newest = event.id
            if isLast(event) { return }
        }
    }

    /// A few events at a time, as the client takes them: a history for each of many clients that
    /// do not read would be too much to keep.
    ///
    /// Returns false when the stream is over.
    private func pushBacklog(_ newest: inout Int) async -> Bool {
        var isFirst = true
        while true {
            await body.settles(to: body.capacity / 4)
            let page = conductor.history(of: name, after: newest, limit: 10)
            if isFirst, page.hasGap {
                guard body.push(Array("event: gap\ndata: {\"after\":\(newest)}\n\n".utf8)) else {
                    return false
                }
            }
            isFirst = false
            for event in page.events {
                guard push(event) else { return false }
                newest = event.id
                if isLast(event) { return false }
            }
            guard page.hasMore, !page.events.isEmpty else { return true }
        }
    }

    /// Whether nothing can follow in the stream of one rollout.
    private func isLast(_ event: HistoryEvent) -> Bool {
        guard name != nil else { return false }
        switch event.type {
        case .drained, .deleted, .abandoned:
            // Another rollout may have taken the name since.
            return conductor.state(of: event.rollout)?.rollout.isDrained ?? true
        case .created, .surveyed, .registered, .stepped, .confirmed, .paused, .resumed, .amended,
            .promoting, .promoted, .aborting, .aborted, .judged:
            return false
        }
    }

    private func push(_ event: HistoryEvent) -> Bool {
        var bytes = Array("id: \(event.id)\nevent: \(event.type.rawValue)\ndata: ".utf8)
        bytes.append(contentsOf: EventWriter.bytes(of: event))
        bytes.append(contentsOf: [0x0A, 0x0A])
        return body.push(bytes)
    }
}
