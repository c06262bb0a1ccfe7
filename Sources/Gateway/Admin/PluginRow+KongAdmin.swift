internal import KongAdmin

extension PluginRow {
    init(_ plugin: Plugin) {
        self.init(
            id: plugin.id, name: plugin.name, routeID: plugin.route?.id,
            serviceID: plugin.service?.id,
            consumerID: plugin.consumer?.id ?? plugin.consumerGroup?.id,
            isEnabled: plugin.enabled, tags: plugin.tags ?? [],
            columns: PluginColumns(plugin.name, plugin.config))
    }
}

extension PluginColumns {
    init(_ name: String, _ config: AdminJSON) {
        switch name {
        case "http-log": self = .log(LogColumns(config))
        case "pre-function", "post-function": self = .function(config.lists)
        default: self = .other
        }
    }
}

extension LogColumns {
    fileprivate init(_ config: AdminJSON) {
        self.init(
            endpoint: config["http_endpoint"]?.text ?? "",
            method: config["method"]?.text ?? "POST",
            contentType: config["content_type"]?.text ?? "application/json",
            timeout: config["timeout"]?.whole ?? 10_000,
            keepalive: config["keepalive"]?.whole ?? 60_000,
            headers: config["headers"]?.texts ?? [:],
            customFields: config["custom_fields_by_lua"]?.texts ?? [:], queue: LogQueue(config))
    }
}

extension LogQueue {
    /// Kong's defaults stand for what a version leaves out. The older columns count where they
    /// differ from their own defaults, as in Kong.
    fileprivate init(_ config: AdminJSON) {
        let size = config["queue_size"]?.whole ?? 1
        let delay = config["flush_timeout"]?.double ?? 2
        guard let queue = config["queue"], case .object = queue, size == 1, delay == 2 else {
            self = .flushes(
                size: size, delay: delay, retries: config["retry_count"]?.whole ?? 10)
            return
        }
        self = .batches(
            Batches(
                size: queue["max_batch_size"]?.whole ?? 1,
                delay: queue["max_coalescing_delay"]?.double ?? 1,
                entries: queue["max_entries"]?.whole ?? 10_000,
                retryTime: queue["max_retry_time"]?.double ?? 60,
                firstRetry: queue["initial_retry_delay"]?.double ?? 0.01,
                lastRetry: queue["max_retry_delay"]?.double ?? 60))
    }
}

extension AdminJSON {
    fileprivate var whole: Int? { double.flatMap { Int(exactly: $0.rounded()) } }

    /// Members that are lists of strings and not empty.
    fileprivate var lists: [String: [String]] {
        guard case .object(let members) = self else { return [:] }
        return members.compactMapValues { value in
            let texts = value.elements?.compactMap(\.text) ?? []
            return texts.isEmpty ? nil : texts
        }
    }

    /// Members that are strings, or lists of which the first element counts, as in Kong 2.8.
    fileprivate var texts: [String: String] {
        guard case .object(let members) = self else { return [:] }
        return members.compactMapValues { $0.text ?? $0.elements?.first?.text }
    }
}
