import Gateway

/// One node's Admin API as one process of the service sees it.
struct SimulatedNode: KongNode {
    let kong: SimulatedKong
    let index: Int
    let process: ServiceProcess
    /// Told of a write before and after it takes effect.
    let witness: @Sendable (_ write: KongWrite, _ sentAt: Duration, _ isDone: Bool) -> Void

    var address: String { "http://node\(index)" }

    private static let patience = Duration.seconds(5)

    private func call<Value: Sendable>(
        isWrite: Bool = false,
        _ body: @escaping @Sendable () -> Result<Value, NodeError>
    ) async throws(NodeError) -> Value {
        guard process.isAlive else { throw .unavailable("dead", isPerhapsApplied: false) }
        let exchange = Exchange<Value>(kong, isWrite: isWrite, body)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchange.begin(continuation)
                send(exchange)
            }
        } onCancel: {
            kong.scheduler.after(Scheduler.instant, of: process.number) {
                exchange.cut("cancelled")
            }
        }
        if process.isAlive {
            switch result {
            case .success: kong.nodes[index].silentSince = nil
            case .failure(.unavailable):
                let since = kong.nodes[index].silentSince ?? kong.scheduler.now
                kong.nodes[index].silentSince = since
            case .failure: break
            }
        }
        return try result.get()
    }

    private enum Fate { case answered, refused, lostBefore, lostAfter, server }

    private func fate() -> Fate {
        let rates = kong.rates
        if kong.nodes[index].isDown { return .refused }
        if kong.nodes[index].isCutOff || kong.nodes[index].isHanging { return .lostBefore }
        if kong.isDatabaseDown { return .server }
        if kong.dice.happens(rates.refused) { return .refused }
        if kong.dice.happens(rates.lostBefore) { return .lostBefore }
        if kong.dice.happens(rates.lostAfter) { return .lostAfter }
        if kong.dice.happens(rates.server) { return .server }
        return .answered
    }

    private func send<Value>(_ exchange: Exchange<Value>) {
        let scheduler = kong.scheduler
        var there = kong.dice.time(.microseconds(200), .milliseconds(3))
        if kong.dice.happens(kong.rates.slow) {
            kong.tally.count("kong: slow answer")
            kong.nodes[index].hinderedAt = scheduler.now
            there = kong.dice.time(.milliseconds(50), .seconds(6))
        }
        let back = kong.dice.time(.microseconds(100), .milliseconds(2))
        let owner = process.number
        exchange.deadline = scheduler.after(Self.patience, of: owner) { exchange.cut("time-out") }
        let fate = fate()
        if fate != .answered { kong.nodes[index].hinderedAt = scheduler.now }
        switch fate {
        case .refused:
            kong.tally.count("kong: connection refused")
            exchange.answer(
                .failure(.unavailable("connection refused", isPerhapsApplied: false)),
                in: back, of: owner)
        case .lostBefore:
            kong.tally.count("kong: request lost")
            if !kong.nodes[index].isHanging {
                let wait = kong.dice.time(.milliseconds(1), .seconds(2))
                exchange.answer(
                    .failure(.unavailable("connection reset", isPerhapsApplied: true)),
                    in: wait, of: owner)
            }
        case .server:
            kong.tally.count("kong: 500")
            exchange.answer(
                .failure(.unavailable("500", isPerhapsApplied: exchange.isWrite)),
                in: back, of: owner)
        case .lostAfter:
            kong.tally.count("kong: answer lost")
            exchange.effect = scheduler.after(there) {
                exchange.takeEffect()
                exchange.answer(
                    .failure(.unavailable("connection reset", isPerhapsApplied: true)),
                    in: back, of: owner)
            }
        case .answered:
            exchange.effect = scheduler.after(there) {
                exchange.answer(exchange.takeEffect(), in: back, of: owner)
            }
        }
    }

    func facts() async throws(NodeError) -> NodeFacts {
        try await call {
            .success(
                NodeFacts(
                    version: "3.9.1", id: "node\(index)",
                    workers: kong.nodes[index].workers.count, database: "postgres"))
        }
    }

    func probe() async throws(NodeError) { try await call { .success(()) } }

    func service(_ key: String) async throws(NodeError) -> ServiceRow? {
        try await call { .success(kong.rows.services.first { $0.id == key || $0.name == key }) }
    }

    func services() async throws(NodeError) -> [ServiceRow] {
        try await call { .success(kong.rows.services) }
    }

    func route(_ key: String) async throws(NodeError) -> RouteRow? {
        try await call { .success(kong.rows.routes.first { $0.id == key || $0.name == key }) }
    }

    func routes() async throws(NodeError) -> [RouteRow] {
        try await call { .success(kong.rows.routes) }
    }

    func upstream(_ key: String) async throws(NodeError) -> UpstreamRow? {
        try await call { .success(kong.rows.upstream(key)) }
    }

    func targets(of upstream: String) async throws(NodeError) -> [TargetRow]? {
        try await call {
            guard let row = kong.rows.upstream(upstream) else { return .success(nil) }
            kong.toldAt[row.id] = kong.scheduler.now
            return .success(kong.rows.targets[row.id])
        }
    }

    func live(of upstream: String) async throws(NodeError) -> [LiveTarget]? {
        try await call {
            .success(kong.rows.upstream(upstream).flatMap { kong.live(index, $0.id) })
        }
    }

    func plugins(ofRoute route: String) async throws(NodeError) -> [PluginRow]? {
        try await call { .success([]) }
    }

    func plugins() async throws(NodeError) -> [PluginRow] { try await call { .success([]) } }

    func write(_ write: KongWrite) async throws(NodeError) -> String {
        let sentAt = kong.scheduler.now
        return try await call(isWrite: true) {
            let upstream = kong.rows.upstreamTouched(by: write)
            witness(write, sentAt, false)
            let result = Result { () throws(NodeError) in try kong.rows.apply(write) }
            kong.tally.note("node \(index) \(write): \(result)")
            if case .success = result {
                witness(write, sentAt, true)
                kong.noteWrite()
                if let upstream { kong.changed(upstream, through: index) }
            }
            return result
        }
    }
}
