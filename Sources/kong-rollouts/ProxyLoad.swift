import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Requests to the proxy, counted by the model that answered.
final class ProxyLoad: Sendable {
    struct Counts {
        var stable = 0
        var canary = 0
        /// Anything but 200 from one of the two.
        var failed = 0
        var total: Int { stable + canary + failed }

        /// The canary's part in percent.
        var percent: Double { total == 0 ? 0 : Double(canary) / Double(total) * 100 }

        static func + (one: Counts, other: Counts) -> Counts {
            Counts(
                stable: one.stable + other.stable, canary: one.canary + other.canary,
                failed: one.failed + other.failed)
        }

        static func - (one: Counts, other: Counts) -> Counts {
            Counts(
                stable: one.stable - other.stable, canary: one.canary - other.canary,
                failed: one.failed - other.failed)
        }

        mutating func count(_ model: String?) {
            switch model {
            case "stable": stable += 1
            case "canary": canary += 1
            case .some, nil: failed += 1
            }
        }
    }

    private let http: HTTPClient
    private let url: String
    private let background = Mutex(Counts())

    init(http: HTTPClient, url: String) {
        self.http = http
        self.url = url
    }

    /// Sends `requests` one after the other on each of `lanes` connections.
    func measure(_ requests: Int, lanes: Int = 8) async -> Counts {
        await withTaskGroup(of: Counts.self) { group in
            for lane in 0..<lanes {
                let part = requests / lanes + (lane < requests % lanes ? 1 : 0)
                group.addTask {
                    var counts = Counts()
                    for _ in 0..<part { counts.count(await self.model()) }
                    return counts
                }
            }
            var all = Counts()
            for await counts in group { all = all + counts }
            return all
        }
    }

    /// Sends `requests` and counts with them what others met meanwhile: Kong's round-robin is exact
    /// over all that it hands out, not over those that one client of several happened to get.
    func split(over requests: Int) async -> Counts {
        let before = seen
        let mine = await measure(requests)
        return mine + (seen - before)
    }

    /// Sends about 200 requests a second until cancelled; what they met is in ``seen``.
    func trickle() async {
        let clock = ContinuousClock()
        var next = clock.now
        while !Task.isCancelled {
            // A request on its way at the end is not this story's any more.
            let model = await model()
            guard !Task.isCancelled else { return }
            background.withLock { $0.count(model) }
            next += .milliseconds(5)
            do { try await clock.sleep(until: next) } catch { return }
        }
    }

    var seen: Counts { background.withLock { $0 } }

    /// The name of the model that answered; nil: nobody did, or not with 200.
    private func model() async -> String? {
        do {
            let response = try await http.execute(
                HTTPClientRequest(url: url), timeout: .seconds(10))
            _ = try await response.body.collect(upTo: 1 << 16)
            guard response.status == .ok else { return nil }
            return response.headers.first(name: "x-model")
        } catch {
            return nil
        }
    }
}
