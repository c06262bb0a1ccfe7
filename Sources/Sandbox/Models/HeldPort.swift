internal import Glibc

/// A port of this machine that refuses connections and that nobody else is given.
final class HeldPort: Sendable {
    private let descriptor: Int32

    /// `nil` if somebody else was faster.
    init?(_ address: String, _ port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var one: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        inet_pton(AF_INET, address, &place.sin_addr)
        // Bound and not listening: the system answers with a reset.
        let outcome = withUnsafePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // The deinitialiser closes it.
        guard outcome == 0 else { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
