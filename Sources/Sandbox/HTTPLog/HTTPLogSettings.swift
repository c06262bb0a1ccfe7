internal import Foundation

/// One `http-log` plugin as it is configured.
final class HTTPLogSettings: Sendable {
    /// Without query and credentials: Kong drops the one and sends the others as a header.
    let url: String
    let method: String
    let headers: [(String, String)]
    let timeout: Duration
    /// Records in one post: 1 posts each as an object, more as an array.
    let batchSize: Int
    /// How long a batch waits for more records.
    let coalescing: Duration
    /// Records that may wait; the oldest leave first.
    let entryLimit: Int
    /// How long one batch is tried again before it is lost.
    let retryTime: Duration
    let firstRetryDelay: Duration
    let lastRetryDelay: Duration
    /// Plugins that agree in this share a queue, whatever else they say.
    let queueName: String

    /// `nil` if the endpoint is none.
    init?(_ plugin: Row) {
        guard let config = plugin["config"]?.table, let endpoint = config["http_endpoint"]?.text,
            var parts = URLComponents(string: endpoint), parts.host != nil
        else { return nil }
        let userinfo = parts.user.map { "\($0):\(parts.password ?? "")" }
        parts.query = nil
        parts.fragment = nil
        parts.user = nil
        parts.password = nil
        guard let text = parts.string else { return nil }
        url = text
        method = config["method"]?.text ?? "POST"
        var headers = [("Content-Type", config["content_type"]?.text ?? "application/json")]
        for (name, value) in (config["headers"]?.table ?? [:]).sorted(by: { $0.key < $1.key }) {
            headers.append((name, value.text ?? ""))
        }
        if let userinfo, !headers.contains(where: { $0.0.lowercased() == "authorization" }) {
            let credentials = Data(userinfo.utf8).base64EncodedString()
            headers.append(("Authorization", "Basic \(credentials)"))
        }
        self.headers = headers
        let milliseconds = config["timeout"]?.double ?? 10_000
        timeout = .milliseconds(milliseconds)
        let queue = config["queue"]?.table ?? [:]
        func seconds(_ name: String, _ fallback: Double) -> Duration {
            .milliseconds((queue[name]?.double ?? fallback) * 1000)
        }
        // The older fields rule where they are not what they used to be by default.
        let size = config["queue_size"]?.integer.flatMap { $0 == 1 ? nil : $0 }
        let flush = config["flush_timeout"]?.double.flatMap { $0 == 2 ? nil : $0 }
        batchSize = max(1, size ?? queue["max_batch_size"]?.integer ?? 1)
        coalescing = flush.map { .milliseconds($0 * 1000) } ?? seconds("max_coalescing_delay", 1)
        entryLimit = max(1, queue["max_entries"]?.integer ?? 10_000)
        retryTime = seconds("max_retry_time", 60)
        firstRetryDelay = seconds("initial_retry_delay", 0.01)
        lastRetryDelay = seconds("max_retry_delay", 60)
        let keepalive = config["keepalive"]?.double ?? 60_000
        let retries = config["retry_count"]?.integer ?? 10
        queueName = [
            endpoint, method, headers[0].1, "\(milliseconds)", "\(keepalive)", "\(retries)",
        ].joined(separator: ":")
    }

    /// How long to wait before a batch is sent again.
    ///
    /// - Parameter retries: how often that was done already.
    func retryDelay(after retries: Int) -> Duration {
        min(lastRetryDelay, firstRetryDelay * (1 << min(retries, 30)))
    }
}
