import HTTPServer
import Logging
import Rollouts

/// The whole configuration, checked.
struct Settings {
    let listen: ListenAddress
    /// The directory of the ledger.
    let data: String
    /// Empty: the embedded stand-in.
    let gateways: [SettingsLayer.Gateway]
    let publicURL: String?
    let tokens: [SettingsLayer.Token]
    let allowedOrigins: [String]
    /// Files in PEM form.
    let tls: (certificate: String, key: String)?
    let steps: Steps
    let drain: TimeSpan
    let progressDeadline: TimeSpan?
    let analysis: AnalysisPolicy
    let prometheus: [SettingsLayer.Prometheus]
    /// Records in a batch that Kong posts, and how long it collects one, in milliseconds.
    let telemetry: (batch: Int, delay: Int)
    let logLevel: Logger.Level
    /// How long a stop waits for requests that are being answered.
    let grace: TimeSpan
    let usesSandbox: Bool

    /// Whether the address can be reached from this machine only.
    var isLoopback: Bool {
        switch listen {
        case .unix: true
        case .tcp(let host, _):
            ["localhost", "::1", "[::1]"].contains(host) || host.hasPrefix("127.")
        }
    }

    init(_ layer: SettingsLayer, usesSandbox: Bool) throws(SettingsError) {
        self.usesSandbox = usesSandbox
        listen = try Self.address(layer.listen ?? "127.0.0.1:8080")
        data = layer.data ?? "./data"
        gateways = usesSandbox ? [] : try Self.gateways(of: layer)
        publicURL = try layer.publicURL.map { url throws(SettingsError) in
            guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw SettingsError(
                    place: "public_url", detail: "\"\(url)\" must begin with http:// or https://")
            }
            return url.hasSuffix("/") ? String(url.dropLast()) : url
        }
        tokens = layer.tokens ?? []
        allowedOrigins = layer.allowedOrigins ?? []
        switch (layer.tlsCertificate, layer.tlsKey) {
        case (nil, nil): tls = nil
        case (.some(let certificate), .some(let key)): tls = (certificate, key)
        case (.some, nil), (nil, .some):
            throw SettingsError(
                place: "tls", detail: "certificate and key are needed together, as PEM files")
        }
        steps = if let steps = layer.steps { steps } else { try Self.defaultSteps() }
        drain = if let drain = layer.drain { drain } else { try Self.span(60) }
        progressDeadline =
            if let deadline = layer.progressDeadline { deadline } else { try Self.span(600) }
        analysis = layer.analysis ?? .standard
        prometheus = layer.prometheus ?? []
        telemetry = (layer.telemetryBatch ?? 200, layer.telemetryDelay ?? 200)
        grace = if let grace = layer.grace { grace } else { try Self.span(10) }
        let level = layer.logLevel ?? "info"
        guard let known = Logger.Level(rawValue: level) else {
            throw SettingsError(
                place: "log_level",
                detail: "\"\(level)\" is none of "
                    + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
        }
        logLevel = known
        try check()
    }

    /// The secrets of the environment go to the one gateway there is.
    private static func gateways(
        of layer: SettingsLayer
    ) throws(SettingsError) -> [SettingsLayer.Gateway] {
        var gateways = layer.gateways ?? []
        guard layer.kongToken != nil || layer.kongBearer != nil else { return gateways }
        guard gateways.count == 1 else {
            throw SettingsError(
                place: SettingsLayer.prefix + "KONG_TOKEN",
                detail: "is for the one gateway, of which \(gateways.count) are configured; write "
                    + "token or bearer beside each gateway in the file")
        }
        gateways[0].token = layer.kongToken ?? gateways[0].token
        gateways[0].bearer = layer.kongBearer ?? gateways[0].bearer
        return gateways
    }

    private func check() throws(SettingsError) {
        guard usesSandbox || !gateways.isEmpty else {
            throw SettingsError(
                place: "kong",
                detail: "no gateway: give the Admin API with --kong http://127.0.0.1:8001 (once "
                    + "for each node), or try it out with --sandbox on an embedded stand-in")
        }
        guard isLoopback || !tokens.isEmpty else {
            throw SettingsError(
                place: "listen",
                detail: "without tokens only a loopback address can be listened on; configure "
                    + "\"tokens\", or listen on 127.0.0.1")
        }
        let names = gateways.map(\.name)
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            throw SettingsError(
                place: "gateways/\(index)/name", detail: "\"\(name)\" is there twice")
        }
        let servers = prometheus.map(\.name)
        for (index, name) in servers.enumerated() where servers[..<index].contains(name) {
            throw SettingsError(
                place: "prometheus/\(index)/name", detail: "\"\(name)\" is there twice")
        }
    }

    /// `host:port`, `[v6]:port` or `unix:/path`.
    static func address(_ text: String) throws(SettingsError) -> ListenAddress {
        if text.hasPrefix("unix:") { return .unix(path: String(text.dropFirst(5))) }
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]), colon > text.startIndex
        else {
            throw SettingsError(
                place: "listen", detail: "\"\(text)\" is not HOST:PORT, [V6]:PORT or unix:/PATH")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return .tcp(host: host, port: port)
    }

    private static func span(_ seconds: Int) throws(SettingsError) -> TimeSpan {
        guard let span = TimeSpan(seconds: seconds) else {
            throw SettingsError(place: "defaults", detail: "\(seconds) s is out of range")
        }
        return span
    }

    private static func defaultSteps() throws(SettingsError) -> Steps {
        let steps = [500, 2_500, 5_000, 10_000].compactMap { TrafficShare(basisPoints: $0) }
        guard let steps = Steps(steps.map { Step(share: $0) }) else {
            throw SettingsError(place: "defaults/steps", detail: "must rise strictly")
        }
        return steps
    }
}
