import ArgumentParser
import HTTPServer
import Logging
import Sandbox
import ServiceLifecycle
import UnixSignals

/// The stand-in Kong alone.
struct RunSandbox: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run a stand-in for Kong: for development and tests, never for traffic.",
        discussion: """
            Its http-log plugins post records as Kong 3.9 does, and its models change while they \
            run, by requests to the Admin API's address under a path that Kong does not have:

              PATCH /sandbox/models/NAME  {"error_rate": 0.3}
                                          {"latency_ms": 40, "latency_spread": 0.3}
                                          {"score_median": 0.46, "score_spread": 0.8}
                                          {"up": false}
              PUT   /sandbox/models/NAME  {}, as it was at first
              GET   /sandbox/models, /sandbox/logs
              PATCH /sandbox/database     {"up": false}
            """)

    @Option(help: "HOST:PORT of the Admin API; repeat it for a gateway of several nodes.")
    var admin: [String] = ["127.0.0.1:8001"]
    @Option(help: "HOST:PORT of the proxy; repeat it for the further nodes.")
    var proxy: [String] = ["127.0.0.1:8000"]
    @Flag(help: "Answer as a Kong without a database.")
    var dbless = false
    @Option(help: "A model server NAME=HOST:PORT\(ModelSpecification.options); repeatable.")
    var model: [String] = []
    @Option(help: "Milliseconds until a node follows what was written through another.")
    var poll: Int = 5_000
    @Option(help: "Milliseconds until a route, a service, a plugin or a new upstream is live.")
    var state: Int = 1_000

    func run() async throws {
        var configuration = SandboxConfiguration()
        configuration.adminAddresses = try admin.map(SandboxConfiguration.Address.init(text:))
        configuration.proxyAddresses = try proxy.map(SandboxConfiguration.Address.init(text:))
        configuration.isDBLess = dbless
        configuration.pollDelay = .milliseconds(poll)
        configuration.stateDelay = .milliseconds(state)
        configuration.models = try model.map(ModelSpecification.init(parsing:))
        let sandbox = try await SandboxKong.start(configuration)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [RunningSandbox(sandbox: sandbox)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "sandbox")))
        try await group.run()
    }
}

private struct RunningSandbox: Service {
    let sandbox: SandboxKong

    func run() async throws {
        announce()
        try await gracefulShutdown()
        await sandbox.stop()
    }

    /// One line for each address, for people and for programs that wait for them.
    private func announce() {
        print("SANDBOX: a stand-in, not Kong; for development and tests only")
        for url in sandbox.adminURLs { print("admin \(url)") }
        for url in sandbox.proxyURLs { print("proxy \(url)") }
        for model in sandbox.models {
            print("model \(model.name) as \(model.target), at 127.0.0.1:\(model.port)")
        }
        StandardOutput.flush()
    }
}

extension SandboxConfiguration {
    /// What runs inside `serve --sandbox` and `demo`.
    static func embedded(proxy: String, models: [String]) throws -> SandboxConfiguration {
        var configuration = SandboxConfiguration()
        configuration.proxyAddresses = [try Address(text: proxy)]
        let asked = models.isEmpty ? exampleModels : models
        configuration.models = try asked.map(ModelSpecification.init(parsing:))
        return configuration
    }

    /// The two model servers of the first example in the README.
    static let exampleModels = [
        "stable=stable-version.example.com:80", "canary=canary-version.example.com:80",
    ]
}

extension SandboxConfiguration.Address {
    init(text: String) throws {
        guard case .tcp(let host, let port) = try Settings.address(text) else {
            throw ValidationError("\"\(text)\" is not HOST:PORT")
        }
        self.init(host: host, port: Int(port))
    }
}
