internal import Synchronization

/// One upstream's live balancer on one node: its addresses, its wheel, and who is thought healthy.
///
/// Never changed but for health and the wheel's pointer; a change of targets makes a new one.
final class Balancer: Sendable {
    struct Peer: Equatable, Sendable {
        /// As the target names it; the `Host` a model sees.
        let host: String
        let port: Int
        let ip: String
        let endpoint: NameTable.Endpoint
        let weight: Int
        /// The target as it stands in Kong; `nil` without an upstream.
        var target: String?
    }

    private struct Progress {
        var pointer = 0
        var unavailable: Set<Int> = []
    }

    let upstream: Row
    let peers: [Peer]
    private let hosts: [(target: String, host: String, port: Int, dns: String, weight: Int, peers: [Int])]
    private let wheel: WeightedWheel
    private let ring: HashRing?
    private let threshold: Double
    private let checksHealth: Bool
    private let progress: Mutex<Progress>

    /// - Parameters:
    ///   - targets: oldest first.
    ///   - previous: whose health is kept for addresses that are still there.
    init(upstream: Row, targets: [Row], names: NameTable, previous: Balancer? = nil) {
        self.upstream = upstream
        var peers: [Peer] = []
        var hosts: [(String, String, Int, String, Int, [Int])] = []
        for target in targets {
            guard let text = target["target"]?.text else { continue }
            do throws(HostAddress.Refusal) {
                let address = try HostAddress(text)
                let port = address.port ?? 8000
                let weight = target["weight"]?.integer ?? 0
                let (record, endpoint) = names.resolve(address.bracketed, port: port)
                var own: [Int] = []
                if let endpoint {
                    own.append(peers.count)
                    peers.append(
                        Peer(
                            host: address.bracketed, port: port, ip: endpoint.ip,
                            endpoint: endpoint, weight: weight, target: text))
                }
                hosts.append((text, address.bracketed, port, record, weight, own))
            } catch {
                continue
            }
        }
        self.peers = peers
        self.hosts = hosts
        var generator = SystemRandomNumberGenerator()
        wheel = WeightedWheel(weights: peers.map(\.weight), using: &generator)
        let hashes = upstream["algorithm"]?.text == "consistent-hashing"
        ring = hashes ? HashRing(addresses: peers.map { ("\($0.ip):\($0.port)", $0.weight) }) : nil
        let checks = upstream["healthchecks"]?.table ?? [:]
        threshold = checks["threshold"]?.double ?? 0
        checksHealth = Self.isOn(checks)
        let down = previous?.unavailablePeers ?? []
        let unavailable = peers.indices.filter { index in
            down.contains { $0.ip == peers[index].ip && $0.port == peers[index].port }
        }
        progress = Mutex(Progress(unavailable: Set(unavailable)))
    }

    /// The next peer.
    ///
    /// - Parameter hashValue: what `hash_on` found; an absent value hashes as an empty one.
    func next(hashValue: String = "") -> Peer? {
        let index = progress.withLock { progress -> Int? in
            guard isHealthy(progress) else { return nil }
            let unavailable = progress.unavailable
            if let ring {
                return ring.address(for: hashValue) { !unavailable.contains($0) }
            }
            return wheel.next(after: &progress.pointer) { !unavailable.contains($0) }
        }
        return index.map { peers[$0] }
    }

    /// Sets the health of a target's addresses, or of one of them.
    func mark(host: String, port: Int, ip: String?, isHealthy: Bool) -> HealthMark {
        guard checksHealth else { return .noHealthChecker }
        let found = peers.indices.filter { index in
            let peer = peers[index]
            return peer.host == host && peer.port == port && (ip == nil || ip == peer.ip)
        }
        progress.withLock { progress in
            for index in found {
                if isHealthy {
                    progress.unavailable.remove(index)
                } else {
                    progress.unavailable.insert(index)
                }
            }
        }
        return found.isEmpty ? .noAddress : .done
    }

    var report: BalancerReport {
        let progress = progress.withLock { $0 }
        return BalancerReport(
            hosts: hosts.map { host in
                BalancerReport.Host(
                    target: host.target, host: host.host, port: host.port, dns: host.dns,
                    weight: host.weight,
                    addresses: host.peers.map { index in
                        BalancerReport.Address(
                            ip: peers[index].ip, port: peers[index].port,
                            weight: peers[index].weight,
                            isAvailable: !progress.unavailable.contains(index))
                    })
            }, checksHealth: checksHealth, isHealthy: isHealthy(progress))
    }

    private var unavailablePeers: [Peer] {
        progress.withLock { progress in progress.unavailable.map { peers[$0] } }
    }

    private func isHealthy(_ progress: Progress) -> Bool {
        var total = 0
        var available = 0
        for (index, peer) in peers.enumerated() {
            total += peer.weight
            if !progress.unavailable.contains(index) { available += peer.weight }
        }
        return available > 0 && Double(available) / Double(total) * 100 > threshold
    }

    private static func isOn(_ checks: Row) -> Bool {
        func number(_ path: [String]) -> Double {
            path.reduce(LuaValue.table(checks)) { $0.table?[$1] ?? .null }.double ?? 0
        }
        return [
            ["active", "healthy", "interval"], ["active", "unhealthy", "interval"],
            ["passive", "unhealthy", "tcp_failures"], ["passive", "unhealthy", "timeouts"],
            ["passive", "unhealthy", "http_failures"],
        ].contains { number($0) > 0 }
    }
}
