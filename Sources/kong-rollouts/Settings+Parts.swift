import API
import AsyncHTTPClient
import Foundation
import Gateway
import HTTPServer
import Prometheus
import RolloutJSON
import Rollouts

extension Settings {
    /// What the interface needs to know of the configuration.
    func api(
        tokens: TokenSet, gateways: [String], isJudged: Bool, telemetry: any TelemetryPort,
        metrics: @escaping @Sendable () -> [UInt8]
    ) -> APIConfiguration {
        APIConfiguration(
            publicURL: publicURL, tokens: tokens, allowedOrigins: allowedOrigins,
            defaults: PlanDefaults(
                steps: steps, drain: drain, progressDeadline: progressDeadline,
                gateways: gateways, defaultGateway: gateways.first ?? "default",
                analysis: analysis, analysisAvailable: isJudged,
                prometheusServers: prometheus.map(\.name)),
            version: Release.version, openAPI: Array(OpenAPIDocument.json.utf8),
            metrics: metrics, telemetry: telemetry)
    }

    /// How Kong's records come here; nil: Kong has no address to post them to.
    func telemetry(on socket: ListenSocket) -> TelemetrySettings? {
        var url = publicURL
        // The embedded stand-in runs on this machine.
        if url == nil, usesSandbox, socket.path == nil {
            url = "\(tls == nil ? "http" : "https")://\(socket.name)"
        }
        return url.map {
            TelemetrySettings(
                publicURL: $0, batchSize: telemetry.batch,
                batchDelay: .milliseconds(telemetry.delay))
        }
    }

    /// By name.
    func prometheusClients(over http: HTTPClient) -> [String: PrometheusClient] {
        var clients: [String: PrometheusClient] = [:]
        for server in prometheus {
            clients[server.name] = PrometheusClient(
                PrometheusServer(name: server.name, url: server.url, bearer: server.bearer),
                over: http)
        }
        return clients
    }

    /// The longest wait a client may ask for is 60 s; an answer has some time beyond it.
    var limits: ServerLimits {
        var limits = ServerLimits()
        limits.requestDeadline = .seconds(75)
        return limits
    }

    /// The certificate and key from their files; nil without TLS.
    func identity() throws(SettingsError) -> TLSIdentity? {
        guard let tls else { return nil }
        return TLSIdentity(
            certificatePEM: try Self.bytes(of: tls.certificate, "tls/certificate"),
            privateKeyPEM: try Self.bytes(of: tls.key, "tls/key"))
    }

    /// The configured tokens, checked.
    func accepted() throws(SettingsError) -> [Token] {
        var accepted: [Token] = []
        for (index, token) in tokens.enumerated() {
            let place = "tokens/\(index)"
            guard let role = Role(rawValue: token.role) else {
                throw SettingsError(
                    place: place + "/role",
                    detail: "\"\(token.role)\" is none of "
                        + Role.allCases.map(\.rawValue).joined(separator: ", "))
            }
            var expires: Timestamp?
            if let text = token.expires {
                guard let moment = Timestamp(text) else {
                    throw SettingsError(
                        place: place + "/expires",
                        detail: "\"\(text)\" is no RFC 3339 time such as 2027-01-31T00:00:00.000Z")
                }
                expires = moment
            }
            guard
                let read = Token(
                    name: token.name, role: role, sha256: token.sha256, expires: expires)
            else {
                throw SettingsError(
                    place: place,
                    detail: "name must be 1...63 characters and sha256 64 hexadecimal digits "
                        + "(printf %s TOKEN | sha256sum)")
            }
            accepted.append(read)
        }
        return accepted
    }

    private static func bytes(of path: String, _ place: String) throws(SettingsError) -> [UInt8] {
        do { return Array(try Data(contentsOf: URL(filePath: path))) } catch {
            throw SettingsError(
                place: place, detail: "\(path) cannot be read: \(error.localizedDescription)")
        }
    }
}
