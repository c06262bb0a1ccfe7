import Glibc

/// A client of raw bytes over a blocking socket, so that tests can send what no library would.
final class Client {
    /// No program that another test starts may hold the connection open.
    private static let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    private let descriptor: Int32
    private var pending: [UInt8] = []
    private var hasTimedOut = false

    /// - Parameter host: an IPv4 address as a number.
    init(port: UInt16, host: UInt32 = 0x7f00_0001, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Self.kind, 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(4))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = host.bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(code: errno) }
        limitWaiting()
    }

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Self.kind, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Failure(code: errno) }
        limitWaiting()
    }

    struct Failure: Error { let code: Int32 }

    deinit { close(descriptor) }

    /// No test waits longer than this for one read or write.
    private func limitWaiting() {
        var time = timeval(tv_sec: 10, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }

    /// Returns false once the other end is gone.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private func receiveMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        var count = recv(descriptor, &buffer, buffer.count, 0)
        while count < 0, errno == EINTR { count = recv(descriptor, &buffer, buffer.count, 0) }
        hasTimedOut = count < 0 && errno == EAGAIN
        guard count > 0 else { return false }
        pending += buffer[..<count]
        return true
    }

    /// Everything until the other end closes; `nil` if it does not within ten seconds.
    func readToEnd() -> String? {
        while receiveMore() {}
        guard !hasTimedOut else { return nil }
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// Whether the other end closes without another byte.
    var isClosedByServer: Bool { pending.isEmpty && !receiveMore() && !hasTimedOut }

    /// Everything up to and with `mark`.
    func read(through mark: String) -> String? {
        let mark = Array(mark.utf8)
        while true {
            if let end = Self.end(of: mark, in: pending) {
                defer { pending.removeFirst(end) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            guard receiveMore() else { return nil }
        }
    }

    private static func end(of mark: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= mark.count else { return nil }
        for start in 0...(bytes.count - mark.count)
        where bytes[start] == mark[0] && bytes[start..<(start + mark.count)].elementsEqual(mark) {
            return start + mark.count
        }
        return nil
    }

    /// One answer with a Content-Length.
    func readAnswer() -> Reply? {
        guard let head = read(through: "\r\n\r\n") else { return nil }
        let reply = Reply(head: head)
        guard let length = reply["content-length"].flatMap({ Int($0) }) else { return reply }
        while pending.count < length { guard receiveMore() else { return nil } }
        defer { pending.removeFirst(length) }
        return Reply(head: head, body: String(decoding: pending[..<length], as: UTF8.self))
    }
}

struct Reply {
    let head: String
    var body = ""

    var status: Int { Int(head.dropFirst(9).prefix(3)) ?? 0 }

    subscript(name: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1)
            if sides[0].lowercased() == name {
                return sides.count > 1 ? String(sides[1].drop { $0 == " " }) : ""
            }
        }
        return nil
    }
}
