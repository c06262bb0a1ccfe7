import Gateway
import KongAdmin
import Rollouts
import Sandbox

/// The configured gateways as the fleet takes them, with the connections they use.
enum Gateways {
    /// As many connections as there are passes at once, aborts included.
    private static let limits = AdminTransport.Limits(connectionsPerHost: 32, call: .seconds(5))

    static func configured(
        _ settings: Settings, _ sandbox: SandboxKong?
    ) throws -> ([GatewayConfiguration], [AdminTransport]) {
        if let sandbox { return try standIn(sandbox) }
        var gateways: [GatewayConfiguration] = []
        var transports: [AdminTransport] = []
        for layer in settings.gateways {
            let transport = try AdminTransport(
                limits: limits,
                tls: AdminTransport.TLS(
                    authorities: layer.authority, certificate: layer.certificate, key: layer.key))
            transports.append(transport)
            let nodes = try layer.admin.map { url in
                try AdminEndpoint(
                    url, headers: layer.headers, token: layer.token, bearer: layer.bearer)
            }
            gateways.append(
                GatewayConfiguration(
                    name: layer.name,
                    nodes: nodes.map { AdminNode(AdminClient($0, transport: transport)) },
                    proxy: layer.proxy))
        }
        return (gateways, transports)
    }

    private static func standIn(
        _ sandbox: SandboxKong
    ) throws -> ([GatewayConfiguration], [AdminTransport]) {
        let transport = try AdminTransport(limits: limits)
        let nodes = try sandbox.adminURLs.map {
            AdminNode(AdminClient(try AdminEndpoint($0), transport: transport))
        }
        let gateway = GatewayConfiguration(
            name: "default", nodes: nodes, proxy: sandbox.proxyURLs.first)
        return ([gateway], [transport])
    }
}
