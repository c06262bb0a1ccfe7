import JSONText
import Rollouts

/// Which plugins tell of a rollout's traffic, as the ledger keeps it.
enum StoredTelemetry {
    static func write(_ telemetry: Footing.Telemetry, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("carrier")
        writer.value(telemetry.carrier.rawValue)
        writer.key("cut")
        writer.value(telemetry.cut.rawValue)
        writer.key("forward")
        writer.beginArray()
        for forward in telemetry.forwards {
            writer.beginObject()
            writer.key("plugin")
            writer.value(forward.plugin)
            writer.key("endpoint")
            writer.value(forward.endpoint)
            writer.key("method")
            writer.value(forward.method)
            writer.key("content_type")
            writer.value(forward.contentType)
            writer.key("headers")
            write(forward.headers, into: &writer)
            writer.key("timeout")
            writer.value(forward.timeout)
            writer.key("batch_size")
            writer.value(forward.batchSize)
            writer.key("custom_fields")
            write(forward.customFields, into: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    static func read(_ members: StoredMembers) throws(StoredFault) -> Footing.Telemetry {
        var forwards: [Footing.LogForward] = []
        let here = members.pointer.appending("forward")
        for (index, value) in try members.list("forward").enumerated() {
            let forward = try StoredMembers(value, at: here.appending(index))
            forwards.append(
                Footing.LogForward(
                    plugin: try forward.text("plugin"), endpoint: try forward.text("endpoint"),
                    method: try forward.text("method"),
                    contentType: try forward.text("content_type"),
                    headers: try texts("headers", in: forward),
                    timeout: try forward.whole("timeout"),
                    batchSize: try forward.whole("batch_size"),
                    customFields: try texts("custom_fields", in: forward)))
        }
        return Footing.Telemetry(
            carrier: try members.word("carrier", as: Footing.Telemetry.Carrier.self),
            cut: try members.word("cut", as: Footing.Telemetry.Cut.self), forwards: forwards)
    }

    private static func write(_ texts: [String: String], into writer: inout JSONWriter) {
        writer.beginObject()
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
            writer.key(name)
            writer.value(text)
        }
        writer.endObject()
    }

    private static func texts(
        _ name: String, in parent: StoredMembers
    ) throws(StoredFault) -> [String: String] {
        let members = try parent.members(name)
        var texts: [String: String] = [:]
        for key in members.object.names { texts[key] = try members.text(key) }
        return texts
    }
}
