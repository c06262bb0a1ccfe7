import HTTPMessage
import HTTPTypes
import JSONText
import Rollouts

/// An answer that can be given again, also after a restart.
struct RememberedAnswer: Sendable {
    let fingerprint: String
    let status: Int
    /// Nil: none was named.
    let rollout: RolloutName?
    let headers: [(name: String, value: String)]
    /// Nil: the change was saved, and what was answered is not known.
    let body: [UInt8]?
    let expires: Timestamp

    private static let keptHeaders: [HTTPField.Name] = [
        .contentType, .cacheControl, .eTag, .contentLocation, .location, .preferenceApplied,
    ]

    /// What is kept with the event, before there is an answer.
    init(fingerprint: String, status: Int, rollout: RolloutName, expires: Timestamp) {
        self.fingerprint = fingerprint
        self.status = status
        self.rollout = rollout
        self.expires = expires
        headers = []
        body = nil
    }

    init(
        fingerprint: String, _ response: Response, rollout: RolloutName?, expires: Timestamp
    ) {
        self.fingerprint = fingerprint
        self.rollout = rollout
        self.expires = expires
        status = response.status.code
        headers = Self.keptHeaders.compactMap { name in
            response.headers[name].map { (name.rawName, $0) }
        }
        switch response.body {
        case .bytes(let bytes): body = bytes
        case .empty, .stream: body = []
        }
    }

    /// Nil for what was not written here.
    init?(_ kept: KeptAnswer) {
        let value: JSONValue
        do { value = try JSONValue(parsing: kept.json) } catch { return nil }
        guard let fingerprint = value["fingerprint"]?.string, let status = value["status"]?.int,
            (200..<300).contains(status)
        else { return nil }
        self.fingerprint = fingerprint
        self.status = status
        rollout = value["rollout"]?.string.flatMap { RolloutName($0) }
        expires = kept.expires
        headers = (value["headers"]?.object ?? JSONObject()).compactMap { member in
            member.value.string.map { (member.name, $0) }
        }
        switch value["body"] {
        case nil: body = nil
        case .null: body = []
        case let body?: self.body = body.encoded()
        }
    }

    func kept(under key: String) -> KeptAnswer {
        var writer = JSONWriter(capacity: 256 + (body?.count ?? 0))
        writer.beginObject()
        writer.key("fingerprint")
        writer.value(fingerprint)
        writer.key("status")
        writer.value(status)
        writer.key("rollout")
        writer.value(rollout?.description)
        if let body {
            writer.key("headers")
            writer.beginObject()
            for header in headers {
                writer.key(header.name)
                writer.value(header.value)
            }
            writer.endObject()
            writer.key("body")
            if body.isEmpty { writer.null() } else { writer.raw(body) }
        }
        writer.endObject()
        return KeptAnswer(key: key, json: writer.bytes, expires: expires)
    }
}
