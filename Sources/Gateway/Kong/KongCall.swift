internal import JSONText

/// A write as the Admin API takes it.
public struct KongCall: Hashable, Sendable {
    public let method: String
    /// Percent-encoded, from the Admin API's base path.
    public let path: String
    /// One JSON object; nil: no body.
    public let body: [UInt8]?
}

extension KongWrite {
    public var call: KongCall {
        switch self {
        case .createUpstream(let name, let hostHeader, let tags):
            KongCall(
                "POST", ["upstreams"],
                [("name", .string(name)), ("host_header", hostHeader.map(JSONValue.string)),
                    ("tags", .strings(tags))])
        case .updateUpstream(let id, let patch):
            KongCall("PATCH", ["upstreams", id], patch.members)
        case .createTarget(let upstream, let address, let weight, let tags):
            KongCall(
                "POST", ["upstreams", upstream, "targets"],
                [("target", .string(address)), ("weight", .whole(weight)),
                    ("tags", .strings(tags))])
        case .setWeight(let upstream, let target, let weight):
            KongCall(
                "PATCH", ["upstreams", upstream, "targets", target], [("weight", .whole(weight))])
        case .deleteTarget(let upstream, let target):
            KongCall("DELETE", ["upstreams", upstream, "targets", target], nil)
        case .createService(let name, let columns, let tags):
            KongCall(
                "POST", ["services"],
                [("name", .string(name))] + columns.members + [("tags", .strings(tags))])
        case .updateService(let id, let patch):
            KongCall("PATCH", ["services", id], patch.members)
        case .createRoute(let name, let service, let columns, let tags):
            KongCall(
                "POST", ["routes"],
                [("name", .string(name))] + columns.members
                    + [("service", service.json), ("tags", .strings(tags))])
        case .updateRoute(let id, let service, let patch):
            KongCall("PATCH", ["routes", id], patch.members + [("service", service?.json)])
        case .createPlugin(let name, let route, let columns, let tags):
            KongCall(
                "POST", ["plugins"],
                [("name", .string(name)), ("route", route.json), ("config", columns.config()),
                    ("tags", .strings(tags))])
        case .updatePlugin(let id, let columns, let present, let tags):
            KongCall(
                "PATCH", ["plugins", id],
                [("config", columns.config(over: present)), ("enabled", .bool(true)),
                    ("tags", .strings(tags))])
        case .deletePlugin(let id):
            KongCall("DELETE", ["plugins", id], nil)
        }
    }
}

private typealias Members = [(String, JSONValue?)]

extension KongWrite.UpstreamPatch {
    fileprivate var members: Members {
        [
            ("host_header", hostHeader.map(JSONValue.string)),
            ("algorithm", algorithm.map(JSONValue.string)),
        ]
    }
}

extension KongWrite.ServicePatch {
    fileprivate var members: Members {
        [
            ("host", host.map(JSONValue.string)), ("protocol", scheme.map(JSONValue.string)),
            ("path", path.map(JSONValue.string)), ("retries", retries.map(JSONValue.whole)),
        ]
    }
}

extension KongWrite.RoutePatch {
    fileprivate var members: Members {
        [
            ("paths", paths.map(JSONValue.strings)), ("methods", methods.map(JSONValue.strings)),
            ("protocols", protocols.map(JSONValue.strings)),
            ("hosts", hosts.map(JSONValue.strings)),
            ("strip_path", stripPath.map(JSONValue.bool)),
        ]
    }
}

extension KongWrite.Key {
    fileprivate var json: JSONValue {
        switch self {
        case .id(let id): .object(["id": .string(id)])
        case .name(let name): .object(["name": .string(name)])
        }
    }
}

extension JSONValue {
    static func strings(_ texts: [String]) -> JSONValue {
        .array(texts.map(JSONValue.string))
    }
    static func whole(_ number: Int) -> JSONValue { .number(JSONNumber(number)) }
}

extension KongCall {
    fileprivate init(_ method: String, _ segments: [String], _ members: Members?) {
        self.method = method
        path = segments.map { "/" + $0.asPathSegment }.joined()
        body = members.map { members in
            var writer = JSONWriter()
            writer.value(JSONObject(members.compactMap { name, value in value.map { (name, $0) } }))
            return writer.bytes
        }
    }
}

extension String {
    /// All but unreserved characters and `:` percent-encoded.
    fileprivate var asPathSegment: String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:".utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in utf8 {
            if plain.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
