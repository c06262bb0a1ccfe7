internal import CMicroHTTPD
internal import Glibc

/// A bound, listening socket. Connections wait in it until a ``Listener`` serves them, so that an
/// address can be told before everything that answers there is built.
public struct ListenSocket: Sendable {
    let descriptor: Int32
    /// The port it is bound to; 0 for a unix socket.
    public let port: UInt16
    /// As in a URL: `127.0.0.1:8080`, `[::1]:8080`, or the path of a unix socket.
    public let name: String
    /// The path to remove at the end; `nil` for TCP.
    public let path: String?
    private static let backlog: Int32 = 1024

    public init(_ address: ListenAddress) throws(ListenError) {
        switch address {
        case .tcp(let host, let port): try self.init(host: host, port: port)
        case .unix(let path): try self.init(path: path)
        }
    }

    /// A second descriptor for the same socket.
    init(sharing other: ListenSocket) throws(ListenError) {
        descriptor = try Self.check(fcntl(other.descriptor, F_DUPFD_CLOEXEC, 0), "fcntl")
        port = other.port
        name = other.name
        path = other.path
    }

    private init(host: String, port: UInt16) throws(ListenError) {
        let (family, bytes) = try Self.resolve(host, port)
        let descriptor = try Self.open(family)
        do throws(ListenError) {
            try Self.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            if family == AF_INET6 {
                let isAny = host == "::"
                try Self.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, isAny ? 0 : 1)
            }
            try Self.bindAndListen(descriptor, bytes)
            self.port = try Self.boundPort(descriptor, family)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        let shown = host == "localhost" ? "127.0.0.1" : host
        name = (host.contains(":") ? "[\(shown)]" : shown) + ":\(self.port)"
        path = nil
    }

    private init(path: String) throws(ListenError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        let text = Array(path.utf8)
        guard !text.isEmpty, text.count <= room, !text.contains(0) else { throw .badAddress(path) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: text) }
        let bytes = withUnsafeBytes(of: address) { Array($0) }
        try Self.removeDead(path, bytes)
        let descriptor = try Self.open(AF_UNIX)
        do throws(ListenError) { try Self.bindAndListen(descriptor, bytes) } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        port = 0
        name = path
        self.path = path
    }

    /// Takes no more connections, through whichever descriptor.
    func refuse() { _ = shutdown(descriptor, shim_shut_both) }

    /// Gives the address up; not once a listener was started on it, which does that itself.
    public func close() { Glibc.close(descriptor) }

    // MARK: Steps

    private static func resolve(
        _ host: String, _ port: UInt16
    ) throws(ListenError) -> (family: Int32, address: [UInt8]) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0, let first = list else {
            throw .badAddress(host)
        }
        defer { freeaddrinfo(first) }
        var chosen = first.pointee
        var next = first.pointee.ai_next
        while chosen.ai_family != AF_INET, let other = next {
            if other.pointee.ai_family == AF_INET { chosen = other.pointee }
            next = other.pointee.ai_next
        }
        let bytes = UnsafeRawBufferPointer(start: chosen.ai_addr, count: Int(chosen.ai_addrlen))
        return (chosen.ai_family, Array(bytes))
    }

    private static func open(_ family: Int32) throws(ListenError) -> Int32 {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        return try check(socket(family, Int32(kind), 0), "socket")
    }

    private static func set(
        _ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32
    ) throws(ListenError) {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        _ = try check(setsockopt(descriptor, level, option, &value, size), "setsockopt")
    }

    private static func bindAndListen(
        _ descriptor: Int32, _ address: [UInt8]
    ) throws(ListenError) {
        let bound = address.withUnsafeBytes { bytes -> Int32 in
            guard let start = bytes.baseAddress else { return -1 }
            let pointer = start.assumingMemoryBound(to: sockaddr.self)
            return bind(descriptor, pointer, socklen_t(bytes.count))
        }
        _ = try check(bound, "bind")
        _ = try check(listen(descriptor, backlog), "listen")
    }

    private static func boundPort(
        _ descriptor: Int32, _ family: Int32
    ) throws(ListenError) -> UInt16 {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutableBytes(of: &storage) { bytes -> Int32 in
            guard let start = bytes.baseAddress else { return -1 }
            return getsockname(descriptor, start.assumingMemoryBound(to: sockaddr.self), &size)
        }
        _ = try check(result, "getsockname")
        // Both address families keep the port in the two bytes behind the family.
        return withUnsafeBytes(of: storage) { UInt16($0[2]) << 8 | UInt16($0[3]) }
    }

    /// Removes a socket nobody listens on; a living one answers the connection.
    private static func removeDead(_ path: String, _ address: [UInt8]) throws(ListenError) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
        let probe = try open(AF_UNIX)
        defer { Glibc.close(probe) }
        let result = address.withUnsafeBytes { bytes -> Int32 in
            guard let start = bytes.baseAddress else { return -1 }
            let pointer = start.assumingMemoryBound(to: sockaddr.self)
            return connect(probe, pointer, socklen_t(bytes.count))
        }
        if result == -1, errno == ECONNREFUSED { unlink(path) }
    }

    private static func check(_ result: Int32, _ call: String) throws(ListenError) -> Int32 {
        guard result == -1 else { return result }
        switch errno {
        case EADDRINUSE: throw .inUse
        case EACCES, EPERM: throw .forbidden
        case EADDRNOTAVAIL: throw .badAddress(call)
        case let code: throw .system(call: call, code: code)
        }
    }
}
