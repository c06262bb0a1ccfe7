internal import HTTPMessage
internal import HTTPServer
internal import Synchronization

/// A stand-in for Kong Gateway 3.9 in this process: Admin API, weighted proxy and model servers.
///
/// For demo and tests alone. What differs from a real Kong:
/// - rows live in memory, and there are no consumers, certificates, workspaces or schemas to read;
/// - plugins are kept and checked, but only `http-log` does something, and a function of this
///   project that makes its records slim; no Lua is run, and a node has one worker;
/// - `consistent-hashing` behaves like Kong's but spreads values differently; `least-connections`
///   and `latency` go round robin;
/// - nobody probes a target: health is what `/healthy` and `/unhealthy` said last;
/// - a name resolves if a model has it, or if it is `localhost` or an address;
/// - without a database the nodes still share one configuration.
///
/// ```swift
/// var configuration = SandboxConfiguration()
/// configuration.models = [try ModelSpecification(parsing: "stable=stable.example.com:80")]
/// let kong = try await SandboxKong.start(configuration)
/// print(kong.banner)
/// await kong.stop()
/// ```
public final class SandboxKong: Sendable {
    /// The Admin API of each node, `http://127.0.0.1:43211`.
    public let adminURLs: [String]
    /// The proxies of the first nodes.
    public let proxyURLs: [String]
    public let models: [ModelServer]
    private let database: SharedDatabase
    private let nodes: [KongNode]
    private let services: [AdminService]
    private let admins: Mutex<[Listener?]>
    private let proxies: [Listener]
    private let upstreams: UpstreamClient
    private let logs: [LogQueues<LogEntry>]
    private let clock: Task<Void, Never>

    /// Starts everything, or nothing.
    public static func start(
        _ configuration: SandboxConfiguration = SandboxConfiguration()
    ) async throws(SandboxError) -> SandboxKong {
        try await start(configuration, posting: nil)
    }

    /// - Parameter posting: takes log records in place of their endpoints.
    static func start(
        _ configuration: SandboxConfiguration, posting: LogPost?
    ) async throws(SandboxError) -> SandboxKong {
        guard (1...16).contains(configuration.adminAddresses.count) else {
            throw .badConfiguration("a sandbox has 1...16 nodes, one Admin API address each")
        }
        guard configuration.proxyAddresses.count <= configuration.adminAddresses.count else {
            throw .badConfiguration("there are more proxy addresses than nodes")
        }
        guard Set(configuration.models.map(\.name)).count == configuration.models.count else {
            throw .badConfiguration("two models have the same name")
        }
        let names = NameTable()
        let parts = SandboxParts(configuration, names: names, posting: posting)
        var started: [Listener] = []
        var models: [ModelServer] = []
        do throws(SandboxError) {
            for specification in configuration.models {
                models.append(try Self.model(specification, names))
            }
            parts.control.add(models: models, nodes: parts.nodes)
            for (service, address) in zip(parts.services, configuration.adminAddresses) {
                started.append(try Self.listen(address, service.answer))
            }
            for (index, address) in configuration.proxyAddresses.enumerated() {
                let proxy = ProxyService(
                    node: parts.nodes[index], names: names, upstreams: parts.upstreams,
                    logs: parts.logs[index])
                started.append(try Self.listen(address, proxy.answer))
            }
        } catch {
            for listener in started { await listener.stop(grace: .zero) }
            for model in models { await model.stop() }
            await parts.upstreams.stop()
            throw error
        }
        return SandboxKong(parts, configuration, listeners: started, models: models)
    }

    private init(
        _ parts: SandboxParts, _ configuration: SandboxConfiguration, listeners: [Listener],
        models: [ModelServer]
    ) {
        let count = parts.nodes.count
        adminURLs = listeners.prefix(count).map(\.address)
        proxyURLs = listeners.dropFirst(count).map(\.address)
        admins = Mutex(listeners.prefix(count).map { $0 })
        proxies = Array(listeners.dropFirst(count))
        self.models = models
        database = parts.database
        nodes = parts.nodes
        services = parts.services
        upstreams = parts.upstreams
        logs = parts.logs
        clock = parts.keepTime(
            pollDelay: configuration.pollDelay, stateDelay: configuration.stateDelay)
    }

    /// The proxy of the first node.
    public var proxyURL: String { proxyURLs.first ?? "" }

    /// What it is and where, in a few lines.
    public var banner: String {
        let lines = ["Sandbox: a stand-in for Kong Gateway, for demo and tests, not for production."]
            + adminURLs.map { "  Admin API  \($0)" } + proxyURLs.map { "  proxy      \($0)" }
            + models.map { "  model      \($0.name) = \($0.target) (127.0.0.1:\($0.port))" }
        return lines.joined(separator: "\n")
    }

    /// Stops everything; requests under way have two seconds to finish.
    public func stop() async {
        clock.cancel()
        for service in services { service.hangs = false }
        for listener in proxies { await listener.stop(grace: .seconds(2)) }
        for listener in admins.withLock({ $0 }) { await listener?.stop(grace: .seconds(2)) }
        for model in models { await model.stop() }
        for queues in logs { await queues.stop() }
        await upstreams.stop()
    }

    /// What became of the records of a node's `http-log` plugins.
    public func logTally(ofNode index: Int = 0) -> LogTally { logs[index].tally }

    /// The model of that name.
    public func model(named name: String) -> ModelServer? { models.first { $0.name == name } }
}

/// Faults to order.
extension SandboxKong {
    /// Whether the database of all nodes answers. While it does not, every entity call is a 500 and
    /// the proxies serve on.
    public var isDatabaseUp: Bool {
        get { database.isUp }
        set { database.isUp = newValue }
    }

    /// Makes a node miss its next rebuilds of balancers: its rows are right, its traffic is not,
    /// until one more change of the same targets.
    public func missRebuilds(_ count: Int = 1, onNode index: Int) { nodes[index].missRebuilds(count) }

    /// Makes the Admin API of a node take requests and not answer them.
    public func setHanging(_ hangs: Bool, onNode index: Int) { services[index].hangs = hangs }

    /// Makes the Admin API of a node refuse connections, until ``acceptAdmin(onNode:)``.
    public func refuseAdmin(onNode index: Int) async {
        let listener = admins.withLock { admins -> Listener? in
            defer { admins[index] = nil }
            return admins[index]
        }
        await listener?.stop(grace: .zero)
    }

    /// Makes the Admin API of a node listen again, on its old port.
    public func acceptAdmin(onNode index: Int) throws(SandboxError) {
        let text = adminURLs[index].split(separator: "://")[1]
        let parts = text.split(separator: ":")
        let address = SandboxConfiguration.Address(
            host: String(parts[0]), port: Int(parts[parts.count - 1]) ?? 0)
        let service = services[index]
        let isListening = admins.withLock { $0[index] != nil }
        guard !isListening else { return }
        let listener = try Self.listen(address, service.answer)
        admins.withLock { $0[index] = listener }
    }
}

extension SandboxKong {
    private static func listen(
        _ address: SandboxConfiguration.Address,
        _ handler: @escaping @Sendable (Request) async -> Response
    ) throws(SandboxError) -> Listener {
        var limits = ServerLimits()
        limits.requestDeadline = .seconds(120)
        do throws(ListenError) {
            return try Listener.start(
                on: .tcp(host: address.host, port: UInt16(clamping: address.port)), limits: limits,
                admit: { _ in .accept(maxBody: ProxyLimits.bodyBytes) },
                fault: { fault, _ in ServerFaults.answer(fault) }, handler: handler)
        } catch {
            throw .cannotListen(address: "\(address.host):\(address.port)", reason: "\(error)")
        }
    }

    private static func model(
        _ specification: ModelSpecification, _ names: NameTable
    ) throws(SandboxError) -> ModelServer {
        do throws(ListenError) {
            let model = try ModelServer(specification)
            names.register(specification.host, port: specification.port, model: model)
            return model
        } catch {
            throw .cannotListen(
                address: "\(specification.host):\(specification.port)", reason: "\(error)")
        }
    }
}
