import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Steady requests to the proxy, and when the canary first answered badly.
final class DemoTraffic: Sendable {
    struct Seen {
        var requests = 0
        var canaryGood = 0
        var canaryBad = 0
        /// When the first bad answer of the canary came.
        var firstBad: ContinuousClock.Instant?
    }

    private let http: HTTPClient
    private let url: String
    private let seenSoFar = Mutex(Seen())

    init(http: HTTPClient, url: String) {
        self.http = http
        self.url = url
    }

    var seen: Seen { seenSoFar.withLock { $0 } }

    /// Sends a request every `period` until cancelled; late ones follow at once.
    func flow(every period: Duration) async {
        let clock = ContinuousClock()
        var next = clock.now
        while !Task.isCancelled {
            await send()
            next += period
            do { try await clock.sleep(until: next) } catch { return }
        }
    }

    private func send() async {
        do {
            let response = try await http.execute(
                HTTPClientRequest(url: url), timeout: .seconds(10))
            _ = try await response.body.collect(upTo: 1 << 16)
            let isCanary = response.headers.first(name: "x-model") == "canary"
            seenSoFar.withLock { $0.count(isCanary: isCanary, isGood: response.status == .ok) }
        } catch {
            seenSoFar.withLock { $0.requests += 1 }
        }
    }
}

extension DemoTraffic.Seen {
    fileprivate mutating func count(isCanary: Bool, isGood: Bool) {
        requests += 1
        guard isCanary else { return }
        if isGood {
            canaryGood += 1
        } else {
            canaryBad += 1
            firstBad = firstBad ?? .now
        }
    }
}
