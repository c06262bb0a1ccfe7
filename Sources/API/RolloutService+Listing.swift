import HTTPMessage
import HTTPTypes
import JSONText
import RolloutJSON
import Rollouts

/// Which rollouts a list asks for.
struct RolloutFilter: Sendable {
    let phases: Set<Phase.Name>?
    let service: String?
    /// `key:value` each.
    let labels: [String]

    init(_ query: Query) throws(Problem) {
        phases = try query["phase"].map { text throws(Problem) in try Self.phases(text) }
        service = query["service"]
        labels = query.all("label")
        for label in labels where !label.utf8.dropFirst().contains(UInt8(ascii: ":")) {
            throw .parameters([Query.error("label", "must be a label's name, \":\" and its value")])
        }
    }

    func admits(_ rollout: Rollout) -> Bool {
        if let phases, !phases.contains(rollout.phase.name) { return false }
        if let service {
            let name = rollout.footing?.service.name ?? rollout.plan.service.name
            guard name == service else { return false }
        }
        guard !labels.isEmpty else { return true }
        let present = rollout.plan.labels.map { "\($0.key):\($0.value)" }
        return labels.allSatisfy { present.contains($0) }
    }

    private static func phases(_ text: String) throws(Problem) -> Set<Phase.Name> {
        var phases: Set<Phase.Name> = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            if word == "active" {
                phases.formUnion(Phase.Name.allCases.filter { $0 != .promoted && $0 != .aborted })
            } else if let phase = Phase.Name(rawValue: String(word)) {
                phases.insert(phase)
            } else {
                let words = Phase.Name.allCases.map(\.rawValue).joined(separator: ", ")
                throw .parameters([
                    Query.error("phase", "must be a list of \(words) or active, by commas")
                ])
            }
        }
        return phases
    }
}

/// Where a list goes on: behind the rollout that was shown last, even if that is gone by then.
struct ListCursor: Hashable, Sendable, CustomStringConvertible {
    let createdAt: Timestamp
    let name: RolloutName

    init(_ rollout: Rollout) {
        createdAt = rollout.createdAt
        name = rollout.name
    }

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...15).contains(parts[0].utf8.count),
            parts[0].utf8.allSatisfy({ (48...57).contains($0) }),
            let milliseconds = Int64(parts[0]), let name = RolloutName(String(parts[1]))
        else { return nil }
        createdAt = Timestamp(milliseconds: milliseconds)
        self.name = name
    }

    var description: String { "\(createdAt.milliseconds).\(name)" }

    /// The index of the first rollout behind this place.
    func start(in states: [RolloutState]) -> Int {
        if let place = states.firstIndex(where: { $0.rollout.name == name }),
            states[place].rollout.createdAt == createdAt
        {
            return place + 1
        }
        return states.firstIndex { $0.rollout.createdAt < createdAt } ?? states.count
    }
}

extension RolloutService {
    static let pageLimits = 1...200
    static let pageLimit = 50

    /// `{"items": [...], "next_cursor": ...}`, newest first.
    func list(_ call: Call) throws(Problem) -> Response {
        let query = try call.query(
            single: ["phase", "service", "limit", "cursor"], repeated: ["label"])
        let filter = try RolloutFilter(query)
        let limit = try query.whole("limit", in: Self.pageLimits, default: Self.pageLimit)
        var cursor: ListCursor?
        if let text = query["cursor"] {
            cursor = ListCursor(text)
            if cursor == nil {
                throw .parameters([
                    Query.error("cursor", "must be the next_cursor of another page")
                ])
            }
        }
        guard conductor.isReady else { throw .notReady }
        let states = conductor.states()
        var shown: [RolloutState] = []
        var hasMore = false
        for state in states[(cursor?.start(in: states) ?? 0)...]
        where filter.admits(state.rollout) {
            if shown.count == limit {
                hasMore = true
                break
            }
            shown.append(state)
        }
        return page(shown, next: hasMore ? shown.last.map { ListCursor($0.rollout) } : nil, call)
    }

    private func page(_ shown: [RolloutState], next: ListCursor?, _ call: Call) -> Response {
        let moment = now()
        var writer = JSONWriter(capacity: 64 + shown.count * 2048)
        writer.beginObject()
        writer.key("items")
        writer.beginArray()
        for state in shown { writer.raw(cache.entry(for: state, at: moment).full.bytes) }
        writer.endArray()
        writer.key("next_cursor")
        writer.value(next?.description)
        writer.endObject()
        var response = json(writer.bytes)
        if let next {
            response.headers[.link] = link(call, replacing: "cursor", by: next.description)
        }
        return response
    }

    /// The same address with another place to go on from.
    func link(_ call: Call, replacing name: String, by value: String) -> String {
        let rest = (call.request.query ?? "").split(separator: "&")
            .filter { !$0.hasPrefix(name + "=") }
        let query = (rest + ["\(name)=\(value)"]).joined(separator: "&")
        return "<\(configuration.publicURL ?? "")\(call.request.path)?\(query)>; rel=\"next\""
    }
}
