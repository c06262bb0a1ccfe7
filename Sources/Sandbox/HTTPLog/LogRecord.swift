internal import HTTPMessage
internal import HTTPTypes
internal import JSONText

/// Log records in the form in which Kong 3.9.1 posts them.
enum LogRecord {
    /// Of the only workspace there is.
    static let workspace = "5b1c8ac4-2f0e-4d1c-9a57-0d6f6d3c1b7e"

    /// One post's body: an object, or an array even of one.
    static func body(_ entries: [LogEntry], asArray: Bool) -> [UInt8] {
        var writer = JSONWriter(capacity: entries.count * 512)
        if asArray { writer.beginArray() }
        for entry in entries { write(entry, into: &writer) }
        if asArray { writer.endArray() }
        return writer.bytes
    }

    /// An entity as a record has it: without what is null, with its workspace.
    static func entity(_ row: Row) -> [UInt8] {
        var row = row.filter { !$0.value.isNull }
        row["ws_id"] = .string(workspace)
        return LuaValue.table(row).json
    }

    private static func write(_ entry: LogEntry, into writer: inout JSONWriter) {
        let cut = entry.chain.slimming.map(\.cut)
        let hidesClient = cut == .slim || cut == .named
        writer.beginObject()
        writer.key("source")
        writer.value(entry.passage.cameFromUpstream ? "upstream" : "kong")
        writer.key("upstream_status")
        writer.value(entry.passage.upstreamStatuses.map(String.init).joined(separator: ", "))
        writeTries(entry.passage.tries, into: &writer)
        writeLatencies(entry, into: &writer)
        writer.key("started_at")
        writer.value(entry.passage.started.milliseconds)
        writeRequest(entry, isSlim: hidesClient, into: &writer)
        writeResponse(entry, isSlim: hidesClient, into: &writer)
        if !hidesClient {
            writer.key("client_ip")
            writer.value(entry.head.peer)
            writer.key("upstream_uri")
            writer.value(entry.passage.upstreamURI)
        }
        if cut != .slim { writeEntities(entry, into: &writer) }
        if cut != nil, let target = entry.passage.tries.last?.target {
            writer.key("target")
            writer.value(target)
        }
        if let score = entry.score {
            writer.key("score")
            writer.value(score)
        }
        writer.endObject()
    }

    private static func writeTries(_ tries: [Passage.Try], into writer: inout JSONWriter) {
        writer.key("tries")
        writer.beginArray()
        for one in tries {
            writer.beginObject()
            writer.key("balancer_start")
            writer.value(one.start.milliseconds)
            writer.key("balancer_start_ns")
            writer.raw(fourteenDigits(one.start.nanoseconds))
            writer.key("balancer_latency")
            writer.value(one.chosen.since(one.start))
            writer.key("balancer_latency_ns")
            writer.value(max(0, one.chosen.nanoseconds - one.start.nanoseconds))
            writer.key("ip")
            writer.value(one.ip)
            writer.key("port")
            writer.value(one.port)
            if let code = one.failure {
                writer.key("state")
                writer.value("failed")
                writer.key("code")
                writer.value(code)
            }
            writer.endObject()
        }
        writer.endArray()
    }

    private static func writeLatencies(_ entry: LogEntry, into writer: inout JSONWriter) {
        let whole = entry.ended.since(entry.passage.started)
        let proxy = entry.passage.proxyLatency
        let receive = entry.passage.answered.map(entry.ended.since) ?? 0
        writer.key("latencies")
        writer.beginObject()
        writer.key("kong")
        writer.value(max(0, whole - max(0, proxy) - receive))
        writer.key("proxy")
        writer.value(proxy)
        writer.key("receive")
        writer.value(receive)
        writer.key("request")
        writer.value(whole)
        writer.endObject()
    }

    private static func writeRequest(
        _ entry: LogEntry, isSlim: Bool, into writer: inout JSONWriter
    ) {
        let uri = entry.uri
        let method = entry.head.method.rawValue
        let headers = entry.head.headers.all
        writer.key("request")
        writer.beginObject()
        writer.key("id")
        writer.value(entry.id)
        writer.key("method")
        writer.value(method)
        writer.key("uri")
        writer.value(uri)
        writer.key("size")
        writer.value(
            method.utf8.count + uri.utf8.count + " HTTP/1.1\r\n\r\n ".utf8.count
                + headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
                + entry.requestBodyBytes)
        if !isSlim {
            let host = headers.first { $0.name.lowercased() == "host" }?.value ?? ""
            let scheme = entry.head.isSecure ? "https" : "http"
            let port = host.contains(":") ? "" : entry.head.isSecure ? ":443" : ":80"
            writer.key("url")
            writer.value("\(scheme)://\(host)\(port)\(uri)")
            writeFields(headers, hiding: ["authorization", "proxy-authorization"], into: &writer)
            writer.key("querystring")
            writer.raw(LuaValue.table(queryArguments(entry.head.query)).json)
        }
        writer.endObject()
    }

    private static func writeResponse(
        _ entry: LogEntry, isSlim: Bool, into writer: inout JSONWriter
    ) {
        var headers = entry.responseHeaders.map { ($0.name.canonicalName, $0.value) }
        headers.append(("content-length", String(entry.responseBodyBytes)))
        headers.append(("connection", "keep-alive"))
        writer.key("response")
        writer.beginObject()
        writer.key("status")
        writer.value(entry.status)
        writer.key("size")
        writer.value(
            "HTTP/1.1 200 OK\r\n\r\n".utf8.count + entry.responseBodyBytes
                + headers.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 4 })
        if !isSlim { writeFields(headers, hiding: [], into: &writer) }
        writer.endObject()
    }

    private static func writeEntities(_ entry: LogEntry, into writer: inout JSONWriter) {
        if let route = entry.chain.route {
            writer.key("route")
            writer.raw(route)
        }
        if let service = entry.chain.service {
            writer.key("service")
            writer.raw(service)
        }
        writer.key("workspace")
        writer.value(workspace)
        writer.key("workspace_name")
        writer.value("default")
    }

    /// Names in lower case; one that came more than once has an array.
    private static func writeFields(
        _ fields: [(name: String, value: String)], hiding secrets: Set<String>,
        into writer: inout JSONWriter
    ) {
        var row: Row = [:]
        for (name, value) in fields {
            let name = name.lowercased()
            add(.string(secrets.contains(name) ? "REDACTED" : value), named: name, to: &row)
        }
        writer.key("headers")
        writer.raw(LuaValue.table(row).json)
    }

    private static func queryArguments(_ query: String?) -> Row {
        var row: Row = [:]
        for part in (query ?? "").split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value: LuaValue = sides.count > 1 ? .string(decoded(sides[1])) : .bool(true)
            add(value, named: decoded(sides[0]), to: &row)
        }
        return row
    }

    /// What cannot be decoded stays as it came.
    private static func decoded(_ text: Substring) -> String {
        do throws(PercentDecodingError) {
            return try PercentDecoding.decode(text, plusIsSpace: true)
        } catch {
            return String(text)
        }
    }

    private static func add(_ value: LuaValue, named name: String, to row: inout Row) {
        switch row[name] {
        case nil: row[name] = value
        case .array(let list)?: row[name] = .array(list + [value])
        case let present?: row[name] = .array([present, value])
        }
    }

    /// A number of 19 digits as Lua's encoder prints it: `1.7954271174168e+18`.
    static func fourteenDigits(_ nanoseconds: Int) -> [UInt8] {
        let rounded = (nanoseconds + 50_000) / 100_000
        var digits = Array(String(rounded).utf8)
        guard digits.count == 14 else { return Array(String(nanoseconds).utf8) }
        while digits.last == UInt8(ascii: "0"), digits.count > 1 { digits.removeLast() }
        if digits.count > 1 { digits.insert(UInt8(ascii: "."), at: 1) }
        return digits + Array("e+18".utf8)
    }
}
