/// What a sandbox is put together from before anything listens.
struct SandboxParts: Sendable {
    let database: SharedDatabase
    let control: SandboxControl
    let nodes: [KongNode]
    let services: [AdminService]
    let upstreams = UpstreamClient()
    /// Of each node.
    let logs: [LogQueues<LogEntry>]

    init(
        _ configuration: SandboxConfiguration, names: NameTable, posting: LogPost? = nil
    ) {
        let time = RisingTime()
        let world = Surroundings(
            now: time.next,
            newID: {
                var generator = SystemRandomNumberGenerator()
                return UUIDText.random(using: &generator)
            })
        let database = SharedDatabase(
            nodes: configuration.adminAddresses.count, isReadOnly: configuration.isDBLess)
        let control = SandboxControl(database: database)
        nodes = configuration.adminAddresses.indices.map { index in
            KongNode(
                id: world.newID(), index: index, database: database, names: names,
                stateDelay: configuration.stateDelay)
        }
        let client = upstreams
        logs = nodes.map { _ in
            LogQueues(
                write: LogRecord.body,
                post: posting ?? { body, settings in await client.post(body, settings) })
        }
        control.add(logs: logs)
        services = nodes.map { node in
            AdminService(
                node: node, database: database, world: world, isDBLess: configuration.isDBLess,
                control: control)
        }
        self.database = database
        self.control = control
    }

    /// Polls the database for every node and lets what has become due be live.
    func keepTime(pollDelay: Duration, stateDelay: Duration) -> Task<Void, Never> {
        let tick = max(.milliseconds(5), min(.milliseconds(100), min(pollDelay, stateDelay) / 5))
        return Task.detached { [nodes, database] in
            let clock = ContinuousClock()
            var nextPoll = clock.now + pollDelay
            while !Task.isCancelled {
                do { try await clock.sleep(for: tick) } catch { return }
                let now = clock.now
                if now >= nextPoll {
                    nextPoll = now + pollDelay
                    for node in nodes {
                        database.poll(for: node.index) { rows, changes in
                            node.follow(changes, in: rows)
                        }
                    }
                }
                for node in nodes { node.settle(at: now) }
            }
        }
    }
}
