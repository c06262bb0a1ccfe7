internal import Synchronization

/// What one node serves from: compiled routes, plugins and live balancers.
///
/// Targets are live as soon as the node hears of them; routes, services, plugins, and new upstreams
/// after `stateDelay`, as in a Kong with `worker_consistency = eventual`.
final class KongNode: Sendable {
    /// Read by every proxied request; replaced whole.
    final class View: Sendable {
        let routes: RouteTable
        /// Upstreams by name: a service whose host is one of these is balanced.
        let upstreams: [String: Row]
        let balancers: [String: Balancer]
        let plugins: PluginTable

        init(
            routes: RouteTable, plugins: PluginTable, upstreams: [String: Row],
            balancers: [String: Balancer]
        ) {
            self.routes = routes
            self.plugins = plugins
            self.upstreams = upstreams
            self.balancers = balancers
        }

        /// Routes and plugins of the rows; the rest as it is.
        func routed(by rows: KongState) -> View {
            let (routes, services) = (rows.rows(.routes), rows.rows(.services))
            return View(
                routes: RouteTable(routes: routes, services: services),
                plugins: PluginTable(
                    plugins: rows.rows(.plugins), routes: routes, services: services),
                upstreams: upstreams, balancers: balancers)
        }

        func balanced(_ balancers: [String: Balancer], upstreams: [String: Row]? = nil) -> View {
            View(
                routes: routes, plugins: plugins, upstreams: upstreams ?? self.upstreams,
                balancers: balancers)
        }
    }

    private struct Live {
        var view = View(
            routes: RouteTable(routes: [], services: []), plugins: PluginTable(), upstreams: [:],
            balancers: [:])
        var stateDue: ContinuousClock.Instant?
        var staleUpstreams: Set<String> = []
        var rebuildsToMiss = 0
    }

    let id: String
    let index: Int
    private let database: SharedDatabase
    private let names: NameTable
    private let stateDelay: Duration
    private let live = Mutex(Live())

    init(
        id: String, index: Int, database: SharedDatabase, names: NameTable, stateDelay: Duration
    ) {
        self.id = id
        self.index = index
        self.database = database
        self.names = names
        self.stateDelay = stateDelay
    }

    var view: View { live.withLock { $0.view } }

    /// Makes the node miss its next rebuilds of balancers, as one does whose database failed just
    /// then: it stays at its old weights until one more change of the same targets.
    func missRebuilds(_ count: Int) { live.withLock { $0.rebuildsToMiss = count } }

    func health(of upstream: String) -> BalancerReport? { view.balancers[upstream]?.report }

    func mark(
        _ upstream: String, _ host: String, _ port: Int, _ ip: String?, _ isHealthy: Bool
    ) -> HealthMark {
        view.balancers[upstream]?.mark(host: host, port: port, ip: ip, isHealthy: isHealthy)
            ?? .noBalancer
    }

    /// Follows changes; called with the rows that hold them.
    func follow(_ changes: [KongChange], in rows: KongState) {
        let now = ContinuousClock.now
        live.withLock { live in
            for change in changes {
                switch change {
                case .routing: live.stateDue = live.stateDue ?? now + stateDelay
                case .upstream(let id):
                    adopt(upstream: id, rows, &live)
                    live.staleUpstreams.insert(id)
                    live.stateDue = live.stateDue ?? now + stateDelay
                case .targets(let id):
                    if live.rebuildsToMiss > 0 {
                        live.rebuildsToMiss -= 1
                    } else if live.view.balancers[id] != nil {
                        rebuild(upstream: id, rows, &live)
                    }
                case .configuration: rebuildAll(rows, &live)
                }
            }
        }
    }

    /// Does what has become due; true if there was something to do.
    @discardableResult
    func settle(at now: ContinuousClock.Instant) -> Bool {
        let isDue = live.withLock { live in live.stateDue.map { $0 <= now } ?? false }
        guard isDue else { return false }
        return database.read { rows in
            live.withLock { live in
                live.stateDue = nil
                let upstreams = rows.rows(.upstreams)
                for upstream in upstreams
                where live.view.balancers[upstream.id] == nil
                    || live.staleUpstreams.contains(upstream.id)
                {
                    rebuild(upstream: upstream.id, rows, &live)
                }
                live.staleUpstreams = []
                live.view = live.view.routed(by: rows)
            }
        }
    }

    /// The balancer of an upstream, made now if a request comes before its time.
    func balancer(for upstream: Row) -> Balancer? {
        if let balancer = view.balancers[upstream.id] { return balancer }
        _ = database.read { rows in
            live.withLock { live in rebuild(upstream: upstream.id, rows, &live) }
        }
        return view.balancers[upstream.id]
    }

    private func adopt(upstream id: String, _ rows: KongState, _ live: inout Live) {
        var upstreams = live.view.upstreams.filter { $0.value.id != id }
        var balancers = live.view.balancers
        if let row = rows.row(.upstreams, .id(id)), let name = row.name {
            upstreams[name] = row
        } else {
            balancers[id] = nil
        }
        live.view = live.view.balanced(balancers, upstreams: upstreams)
    }

    private func rebuild(upstream id: String, _ rows: KongState, _ live: inout Live) {
        var balancers = live.view.balancers
        balancers[id] = rows.row(.upstreams, .id(id)).map { upstream in
            Balancer(
                upstream: upstream, targets: rows.targets(of: id).reversed(), names: names,
                previous: balancers[id])
        }
        live.view = live.view.balanced(balancers)
    }

    private func rebuildAll(_ rows: KongState, _ live: inout Live) {
        let upstreams = rows.rows(.upstreams)
        let byName = upstreams.compactMap { row in row.name.map { ($0, row) } }
        live.view = live.view.routed(by: rows)
            .balanced([:], upstreams: Dictionary(byName) { $1 })
        for upstream in upstreams { rebuild(upstream: upstream.id, rows, &live) }
    }
}
