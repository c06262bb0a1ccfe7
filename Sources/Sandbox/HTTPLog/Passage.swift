/// What happened to one request on its way through the proxy.
struct Passage: Sendable {
    /// One peer that was asked.
    struct Try: Equatable, Sendable {
        let ip: String
        let port: Int
        /// `host:port` of the target as it stands in Kong; `nil` without an upstream.
        let target: String?
        /// When the search for the peer began, and when it was found.
        let start: Moment
        let chosen: Moment
        /// Why it counts as failed: a status that stands for what went wrong.
        var failure: Int?
    }

    let started: Moment
    var tries: [Try] = []
    /// The status of each try, in order; 502 and 504 where there was none.
    var upstreamStatuses: [Int] = []
    /// When the first byte of the answer came; `nil` as long as nobody was asked.
    var answered: Moment?
    /// Where the route led, with the query; empty if the request got nowhere.
    var upstreamURI = ""
    /// Whether a peer and not Kong worded the answer.
    var cameFromUpstream = false

    init(started: Moment) { self.started = started }

    /// Milliseconds from the last peer's choice to its answer; -1 if nobody was asked.
    var proxyLatency: Int {
        guard let answered, let last = tries.last else { return -1 }
        return answered.since(last.chosen)
    }

    /// Notes that the last try gave no answer.
    mutating func fail(_ code: Int) {
        upstreamStatuses.append(code)
        answered = .now()
    }

    /// Kong learns that a try failed when the next one begins.
    mutating func begin(_ next: Try) {
        if let code = upstreamStatuses.last, !tries.isEmpty { tries[tries.count - 1].failure = code }
        tries.append(next)
    }

    /// Notes what the last try answered.
    mutating func answer(status: Int, retries: Int) {
        upstreamStatuses.append(status)
        answered = .now()
        cameFromUpstream = true
        end(status: status, retries: retries)
    }

    /// The last of all possible tries carries the answer's status if that says that it failed.
    mutating func end(status: Int, retries: Int) {
        if status > 499, tries.count > retries, !tries.isEmpty {
            tries[tries.count - 1].failure = status
        }
    }
}
