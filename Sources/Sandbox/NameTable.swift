internal import Synchronization

/// What the sandbox has instead of a DNS server: the host names of its models, `localhost`, and
/// literal addresses.
final class NameTable: Sendable {
    /// Where to connect for one address of a target.
    struct Endpoint: Equatable, Sendable {
        /// As Kong shows it.
        let ip: String
        let dialHost: String
        let dialPort: Int
    }

    /// What a Kong says whose DNS server cannot be reached.
    static let unresolved =
        "failed to receive reply from UDP server 127.0.0.1:5399: connection refused"

    private struct Key: Hashable {
        let host: String
        let port: Int
    }

    private struct Known {
        var ports: [Key: Int] = [:]
        /// By host. Each name has its own, so that records and health tell models apart that
        /// listen on one machine.
        var ips: [String: String] = [:]
        /// By the port each really listens on.
        var models: [Int: ModelServer] = [:]
    }

    private let known = Mutex(Known())

    /// Makes `host:port` lead to a model's port of 127.0.0.1.
    func register(_ host: String, port: Int, model: ModelServer) {
        let host = host.lowercased()
        known.withLock { known in
            known.ports[Key(host: host, port: port)] = model.port
            known.models[model.port] = model
            guard known.ips[host] == nil else { return }
            let number = known.ips.count
            known.ips[host] = Self.isName(host)
                ? "127.0.\(1 + number / 254).\(1 + number % 254)" : "127.0.0.1"
        }
    }

    private static func isName(_ host: String) -> Bool {
        do throws(HostAddress.Refusal) {
            return try HostAddress(host).kind == .name && host != "localhost"
        } catch {
            return false
        }
    }

    /// The model that listens there, if it is one of the sandbox's own.
    func model(at endpoint: Endpoint) -> ModelServer? {
        guard endpoint.dialHost == "127.0.0.1" else { return nil }
        return known.withLock { $0.models[endpoint.dialPort] }
    }

    func resolve(_ host: String, port: Int) -> (record: String, endpoint: Endpoint?) {
        let name = host.lowercased()
        let model = known.withLock { known in
            known.ports[Key(host: name, port: port)].map { port in
                Endpoint(
                    ip: known.ips[name] ?? "127.0.0.1", dialHost: "127.0.0.1", dialPort: port)
            }
        }
        if let model { return ("A", model) }
        if name == "localhost" {
            return ("A", Endpoint(ip: "127.0.0.1", dialHost: "127.0.0.1", dialPort: port))
        }
        do throws(HostAddress.Refusal) {
            let address = try HostAddress(host)
            switch address.kind {
            case .ipv4:
                return ("A", Endpoint(ip: address.host, dialHost: address.host, dialPort: port))
            case .ipv6:
                let ip = address.bracketed
                return ("AAAA", Endpoint(ip: ip, dialHost: ip, dialPort: port))
            case .name: return (Self.unresolved, nil)
            }
        } catch {
            return (Self.unresolved, nil)
        }
    }
}
