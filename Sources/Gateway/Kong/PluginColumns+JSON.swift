internal import JSONText

extension PluginColumns {
    /// Kong's `config`.
    ///
    /// - Parameter present: what it is merged into; whatever of it is not wanted is emptied.
    func config(over present: PluginColumns? = nil) -> JSONValue {
        switch self {
        case .log(let log):
            if case .log(let present)? = present { return log.config(over: present) }
            return log.config(over: nil)
        case .function(let phases):
            var members = phases.sorted { $0.key < $1.key }.map { ($0, JSONValue.strings($1)) }
            if case .function(let others)? = present {
                let surplus = others.keys.filter { phases[$0] == nil }.sorted()
                members += surplus.map { ($0, JSONValue.array([])) }
            }
            return .object(JSONObject(members))
        case .other:
            return .object(JSONObject())
        }
    }
}

extension LogColumns {
    fileprivate func config(over present: LogColumns?) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("http_endpoint", .string(endpoint)), ("method", .string(method)),
            ("content_type", .string(contentType)), ("timeout", .whole(timeout)),
            ("keepalive", .whole(keepalive)),
        ]
        switch queue {
        case .batches(let batches):
            members.append(("queue", batches.json))
            if case .flushes? = present?.queue {
                members += ["retry_count", "queue_size", "flush_timeout"].map { ($0, .null) }
            }
        case .flushes(let size, let delay, let retries):
            members += [
                ("queue_size", .whole(size)), ("flush_timeout", .seconds(delay)),
                ("retry_count", .whole(retries)),
            ]
        }
        for (name, wanted, found) in [
            ("headers", headers, present?.headers),
            ("custom_fields_by_lua", customFields, present?.customFields),
        ] {
            if !wanted.isEmpty {
                members.append((name, .texts(wanted)))
            } else if let found, !found.isEmpty {
                members.append((name, .null))
            }
        }
        return .object(JSONObject(members))
    }
}

extension LogQueue.Batches {
    fileprivate var json: JSONValue {
        .object([
            "max_batch_size": .whole(size), "max_coalescing_delay": .seconds(delay),
            "max_entries": .whole(entries), "max_retry_time": .seconds(retryTime),
            "initial_retry_delay": .seconds(firstRetry), "max_retry_delay": .seconds(lastRetry),
        ])
    }
}

extension JSONValue {
    /// Whole seconds are written without a point.
    fileprivate static func seconds(_ number: Double) -> JSONValue {
        if let whole = Int(exactly: number) { return .whole(whole) }
        return JSONNumber(number).map(JSONValue.number) ?? .null
    }

    fileprivate static func texts(_ texts: [String: String]) -> JSONValue {
        .object(JSONObject(texts.sorted { $0.key < $1.key }.map { ($0, .string($1)) }))
    }
}
