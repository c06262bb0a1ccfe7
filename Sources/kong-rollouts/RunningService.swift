import API
import AsyncHTTPClient
import Engine
import Gateway
import HTTPMessage
import HTTPServer
import HTTPTypes
import KongAdmin
import Ledger
import Logging
import Observability
import RolloutJSON
import Rollouts
import Sandbox
import Synchronization

/// The one place where everything is built. Reads top to bottom like a parts list.
final class RunningService: Sendable {
    /// Where the service is reached: `http://127.0.0.1:8080`.
    let address: String
    /// The embedded stand-in, if that is what the rollouts move.
    let sandbox: SandboxKong?
    private let listener: Mutex<Listener>
    private let tokens: TokenSet
    private let ledger: JSONLedger
    private let engine: RolloutEngine
    private let transports: [AdminTransport]
    /// Calls Prometheus and the logs that records are handed on to.
    private let http: HTTPClient
    private let work: Task<Void, Never>

    private init(
        listener: Listener, tokens: TokenSet, sandbox: SandboxKong?, ledger: JSONLedger,
        engine: RolloutEngine, transports: [AdminTransport], http: HTTPClient, work: Task<Void, Never>
    ) {
        address = listener.address
        self.listener = Mutex(listener)
        self.tokens = tokens
        self.sandbox = sandbox
        self.ledger = ledger
        self.engine = engine
        self.transports = transports
        self.http = http
        self.work = work
    }

    /// Opens the ledger, follows every rollout and listens. Nothing is left behind on failure.
    static func start(
        _ settings: Settings, sandbox: SandboxConfiguration?, logger: Logger
    ) async throws -> RunningService {
        let standIn = try await sandbox.asyncMap { try await SandboxKong.start($0) }
        let (gateways, transports) = try Gateways.configured(settings, standIn)
        let http = HTTPClient(
            configuration: .init(redirectConfiguration: .disallow, decompression: .disabled))
        do {
            return try await start(settings, gateways, transports, http, standIn, logger)
        } catch {
            await http.end()
            for transport in transports { await transport.shutdown() }
            await standIn?.stop()
            throw error
        }
    }

    private static func start(
        _ settings: Settings, _ gateways: [GatewayConfiguration], _ transports: [AdminTransport],
        _ http: HTTPClient, _ standIn: SandboxKong?, _ logger: Logger
    ) async throws -> RunningService {
        // Bound first: where Kong posts its records to must be known before it is told.
        let socket = try ListenSocket(settings.listen)
        let telemetry = settings.telemetry(on: socket)
        let metrics = PrometheusRegistry()
        let journalist = Journalist(logger: logger, metrics: metrics)
        let tally = RequestTally(metrics: metrics)
        let ledger = JSONLedger(
            directory: settings.data, program: Release.version, now: WallClock.now(),
            note: { journalist.remark("\($0)") })
        let fleet = GatewayFleet(
            gateways.map { $0.telling(telemetry) }, clock: .system(timestamp: WallClock.now),
            log: { journalist.kongTold($0) })
        // Log lines are written by a task of their own, never by the one writer; when they come
        // faster than standard error takes them, the oldest are left out.
        let notices = NoticeQueue(limit: 10_000)
        let forwarder = RecordForwarder(over: http) { notices.put(.remark($0)) }
        let news = NewsLine()
        let traffic = JudgedTraffic(
            forwarder: forwarder, now: WallClock.now, notice: { news.tell($0) })
        let engine: RolloutEngine
        let tokens: TokenSet
        do {
            engine = try await RolloutEngine(
                ledger: ledger, gateways: fleet, traffic: traffic, newSecret: RandomID.secret,
                now: WallClock.now, notice: { notices.put($0) })
            tokens = TokenSet(try settings.accepted())
        } catch {
            socket.close()
            await ledger.close()
            throw error
        }
        news.connect { engine.heard(of: $0) }
        let questions = PrometheusQuestions(
            servers: settings.prometheusClients(over: http), states: { engine.states() },
            now: WallClock.now,
            answered: { traffic.queried($0, check: $1, value: $2) },
            remark: { notices.put(.remark($0)) })
        let api = RolloutService(
            settings.api(
                tokens: tokens, gateways: gateways.map(\.name), isJudged: telemetry != nil,
                telemetry: traffic
            ) {
                let states = engine.states()
                return Array(
                    (metrics.text() + RolloutGauges.text(states) + traffic.metrics(of: states)).utf8)
            },
            conductor: engine, now: WallClock.now, randomID: RandomID.next)
        let listener: Listener
        do {
            listener = try Listener.start(
                on: socket, limits: settings.limits, tls: settings.identity(),
                admit: { api.admitted($0) }, fault: { api.fault($0, $1) },
                immediate: { tally.counted(api.prepared($0, $1, peer: $2)) },
                receiving: { api.receiver($0, length: $1) },
                handler: { await tally.answer($0, by: api) })
        } catch {
            await ledger.close()
            throw error
        }
        let work = Task {
            await withTaskGroup { group in
                group.addTask {
                    await notices.run { notices in
                        LineSink.standardError.together { notices.forEach(journalist.tell) }
                    }
                }
                group.addTask { await engine.run() }
                group.addTask { await fleet.run(reporting: engine) }
                group.addTask { await traffic.run { engine.heard(of: $0) } }
                group.addTask { await forwarder.run() }
                group.addTask { await questions.run() }
            }
        }
        return RunningService(
            listener: listener, tokens: tokens, sandbox: standIn, ledger: ledger,
            engine: engine, transports: transports, http: http, work: work)
    }

    /// Takes over tokens and certificate; everything else needs a restart.
    func reload(_ settings: Settings) async throws {
        let accepted = try settings.accepted()
        let present = listener.withLock { $0 }
        if let identity = try settings.identity() {
            let next = try present.successor(tls: identity)
            listener.withLock { $0 = next }
            await present.stop(grace: .seconds(settings.grace.seconds))
        }
        tokens.replace(accepted)
    }

    /// Stops accepting, lets requests finish for up to `grace`, then writes what is queued.
    func stop(grace: Duration) async {
        await listener.withLock { $0 }.stop(grace: grace)
        work.cancel()
        await work.value
        await engine.saveAllEvidence()
        await ledger.close()
        for transport in transports { await transport.shutdown() }
        await http.end()
        await sandbox?.stop()
    }
}

extension Journalist {
    fileprivate func tell(_ notice: EngineNotice) {
        switch notice {
        case .saved(let event): saved(event)
        case .notSaved(let rollout, let error): notSaved(rollout, error)
        case .remark(let text): remark(text)
        }
    }
}

extension RolloutService {
    /// The same answer in the server's words.
    fileprivate func admitted(_ head: RequestHead) -> HTTPServer.Admission {
        switch admit(head) {
        case .accept(let limit): .accept(maxBody: limit)
        case .reject(let response): .reject(response)
        }
    }
}

extension RequestTally {
    fileprivate func counted(_ answer: PreparedResponse?) -> PreparedResponse? {
        if answer != nil { answeredFromMemory() }
        return answer
    }

    fileprivate func answer(_ request: Request, by api: RolloutService) async -> Response {
        if let taken = api.telemetry(for: request) { return taken }
        let start = ContinuousClock.now
        let response = await api.respond(to: request)
        answered(
            method: request.method.rawValue, status: response.status.code,
            in: ContinuousClock.now - start)
        return response
    }
}

extension GatewayConfiguration {
    fileprivate func telling(_ telemetry: TelemetrySettings?) -> GatewayConfiguration {
        var next = self
        next.telemetry = telemetry
        return next
    }
}

extension HTTPClient {
    /// The only failure is to have been shut down before, which is what was wanted.
    fileprivate func end() async {
        do { try await shutdown() } catch { return }
    }
}

extension Optional {
    fileprivate func asyncMap<Mapped>(
        _ transform: (Wrapped) async throws -> Mapped
    ) async throws -> Mapped? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
