import API
import Rollouts

/// What one source of configuration says; nil where it says nothing.
///
/// Flags win over the environment, the environment over the file.
struct SettingsLayer {
    struct Gateway {
        var name = "default"
        /// Admin API addresses, one a node.
        var admin: [String] = []
        /// Sent as `Kong-Admin-Token`.
        var token: String?
        /// Sent as `Authorization: Bearer …` (Konnect).
        var bearer: String?
        var headers: [(name: String, value: String)] = []
        /// Files in PEM form.
        var authority: String?
        var certificate: String?
        var key: String?
        /// Where clients reach the proxy, for the `url` of rollouts.
        var proxy: String?
    }

    struct Token {
        var name: String
        var role: String
        /// Lower-case hexadecimal of the token's SHA-256.
        var sha256: String
        var expires: String?
    }

    struct Prometheus {
        var name: String
        var url: String
        /// Sent as `Authorization: Bearer …`.
        var bearer: String?
    }

    var listen: String?
    var data: String?
    var publicURL: String?
    var gateways: [Gateway]?
    /// Secrets of the one gateway, wherever its addresses come from.
    var kongToken: String?
    var kongBearer: String?
    var tokens: [Token]?
    var allowedOrigins: [String]?
    var tlsCertificate: String?
    var tlsKey: String?
    var steps: Steps?
    var drain: TimeSpan?
    /// `.some(nil)`: no limit.
    var progressDeadline: TimeSpan??
    var analysis: AnalysisPolicy?
    var prometheus: [Prometheus]?
    /// Records in a batch that Kong posts.
    var telemetryBatch: Int?
    /// How long Kong collects a batch, in milliseconds.
    var telemetryDelay: Int?
    var logLevel: String?
    var grace: TimeSpan?

    /// This layer where it speaks, `other` where it does not.
    func over(_ other: SettingsLayer) -> SettingsLayer {
        SettingsLayer(
            listen: listen ?? other.listen, data: data ?? other.data,
            publicURL: publicURL ?? other.publicURL, gateways: gateways ?? other.gateways,
            kongToken: kongToken ?? other.kongToken, kongBearer: kongBearer ?? other.kongBearer,
            tokens: tokens ?? other.tokens, allowedOrigins: allowedOrigins ?? other.allowedOrigins,
            tlsCertificate: tlsCertificate ?? other.tlsCertificate, tlsKey: tlsKey ?? other.tlsKey,
            steps: steps ?? other.steps, drain: drain ?? other.drain,
            progressDeadline: progressDeadline ?? other.progressDeadline,
            analysis: analysis ?? other.analysis, prometheus: prometheus ?? other.prometheus,
            telemetryBatch: telemetryBatch ?? other.telemetryBatch,
            telemetryDelay: telemetryDelay ?? other.telemetryDelay,
            logLevel: logLevel ?? other.logLevel, grace: grace ?? other.grace)
    }
}

/// A setting that cannot be used: where it stands and what is allowed there.
struct SettingsError: Error, CustomStringConvertible {
    let place: String
    let detail: String
    var description: String { "\(place): \(detail)" }
}
