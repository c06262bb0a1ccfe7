import ArgumentParser
import Logging
import Observability
import Sandbox
import ServiceLifecycle
import UnixSignals

/// The service itself.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the REST interface and keep Kong as the rollouts want it.",
        discussion: """
            Every setting can be given by flag, by environment (KONG_ROLLOUTS_LISTEN, …) or in \
            the JSON file; flags win over the environment, the environment over the file. Secrets \
            belong into the environment or the file.
            """)

    @Option(help: "HOST:PORT, [V6]:PORT or unix:/PATH. Default 127.0.0.1:8080.")
    var listen: String?
    @Option(help: "Kong's Admin API; repeat it for each node of the gateway.")
    var kong: [String] = []
    @Flag(help: "Use an embedded stand-in for Kong, to try things out.")
    var sandbox = false
    @Option(help: "With --sandbox: a model server NAME=HOST:PORT[,error=0.02,latency=20ms].")
    var model: [String] = []
    @Option(help: "With --sandbox: HOST:PORT of the stand-in's proxy. Default 127.0.0.1:0.")
    var sandboxProxy = "127.0.0.1:0"
    @Option(help: "The directory of the JSON store. Default ./data.")
    var data: String?
    @Option(help: "The JSON configuration file.")
    var config: String?
    @Option(help: "Where clients reach this service, for links.")
    var publicURL: String?
    @Option(help: "Where clients reach Kong's proxy, for the url of rollouts.")
    var proxy: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical. Default info.")
    var logLevel: String?
    @Flag(help: "Print the resulting configuration, secrets hidden, and exit.")
    var printConfig = false

    mutating func validate() throws {
        if sandbox && !kong.isEmpty {
            throw ValidationError("--sandbox and --kong exclude each other: choose one gateway")
        }
        if !sandbox && !model.isEmpty {
            throw ValidationError("--model belongs to --sandbox")
        }
    }

    func run() async throws {
        let settings = try SettingsSources(flags: flags, file: config, usesSandbox: sandbox).read()
        if printConfig { return print(String(decoding: settings.text, as: UTF8.self)) }
        var logger = Logger(label: "kong-rollouts") {
            LineLogHandler(label: $0, now: WallClock.now, to: .standardError)
        }
        logger.logLevel = settings.logLevel
        let standIn = sandbox ? try SandboxConfiguration.embedded(proxy: sandboxProxy, models: model) : nil
        let service = try await RunningService.start(settings, sandbox: standIn, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    ServingUntilStopped(
                        service: service, sources: sources, grace: settings.grace, logger: logger)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    private var sources: SettingsSources {
        SettingsSources(flags: flags, file: config, usesSandbox: sandbox)
    }

    private var flags: SettingsLayer {
        var layer = SettingsLayer()
        layer.listen = listen
        layer.data = data
        layer.publicURL = publicURL
        layer.logLevel = logLevel
        if !kong.isEmpty {
            var gateway = SettingsLayer.Gateway()
            gateway.admin = kong
            gateway.proxy = proxy
            layer.gateways = [gateway]
        }
        return layer
    }
}
