import HTTPServer
import JSONText
import Logging
import RolloutJSON
import Rollouts

extension Settings {
    /// The result of all sources as the configuration file would say it, secrets as `***`.
    var text: [UInt8] {
        var root = JSONObject()
        root["listen"] = .string(listenText)
        root["data"] = .string(data)
        root["public_url"] = publicURL.map { .string($0) } ?? .null
        root["sandbox"] = .bool(usesSandbox)
        root["gateways"] = .array(gateways.map { .object(Self.shown($0)) })
        root["tokens"] = .array(
            tokens.map { token in
                [
                    "name": .string(token.name), "role": .string(token.role), "sha256": "***",
                    "expires": token.expires.map { .string($0) } ?? .null,
                ]
            })
        root["allowed_origins"] = .array(allowedOrigins.map { .string($0) })
        root["tls"] =
            tls.map { ["certificate": .string($0.certificate), "key": .string($0.key)] } ?? .null
        root["defaults"] = [
            "steps": .array(
                steps.all.map { .number(JSONNumber(hundredths: $0.share.basisPoints)) }),
            "drain": .string(drain.description),
            "progress_deadline": progressDeadline.map { .string($0.description) } ?? .null,
            "analysis": AnalysisDocument.value(of: analysis),
        ]
        root["prometheus"] = .array(
            prometheus.map { server in
                [
                    "name": .string(server.name), "url": .string(server.url),
                    "bearer": server.bearer == nil ? .null : "***",
                ]
            })
        root["telemetry"] = [
            "batch": .number(JSONNumber(telemetry.batch)),
            "delay_ms": .number(JSONNumber(telemetry.delay)),
        ]
        root["log_level"] = .string(logLevel.rawValue)
        root["grace"] = .string(grace.description)
        return JSONValue.object(root).encoded()
    }

    private var listenText: String {
        switch listen {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    private static func shown(_ gateway: SettingsLayer.Gateway) -> JSONObject {
        var shown = JSONObject()
        shown["name"] = .string(gateway.name)
        shown["admin"] = .array(gateway.admin.map { .string($0) })
        if gateway.token != nil { shown["token"] = "***" }
        if gateway.bearer != nil { shown["bearer"] = "***" }
        if !gateway.headers.isEmpty {
            var headers = JSONObject()
            for header in gateway.headers { headers[header.name] = "***" }
            shown["headers"] = .object(headers)
        }
        shown["ca"] = gateway.authority.map { .string($0) } ?? .null
        shown["certificate"] = gateway.certificate.map { .string($0) } ?? .null
        shown["key"] = gateway.key.map { .string($0) } ?? .null
        shown["proxy"] = gateway.proxy.map { .string($0) } ?? .null
        return shown
    }
}
