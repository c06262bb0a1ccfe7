import Foundation
import Glibc

/// A blocking TCP connection to the loopback.
struct Wire: ~Copyable {
    private let descriptor: Int32

    /// - Parameter patience: How long to wait for more of an answer, in milliseconds.
    init(port: UInt16, patience: Int) throws {
        descriptor = socket(AF_INET, SocketWords.stream, 0)
        guard descriptor >= 0 else { throw Violation("no socket: \(errno)") }
        var limit = timeval(tv_sec: patience / 1000, tv_usec: patience % 1000 * 1000)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard connected == 0 else {
            let reason = errno
            Glibc.close(descriptor)
            throw Violation("not connected: \(reason)")
        }
    }

    /// Sends everything and reads until the other's end, or until nothing more comes.
    func exchange(_ bytes: [UInt8]) -> [UInt8] {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, SocketWords.noSignal)
            }
            guard count > 0 else { break }
            sent += count
        }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count <= 0 { return answer }
            answer += piece[..<count]
        }
    }

    deinit { Glibc.close(descriptor) }
}

/// Linux' numbers. Headers give them as enumerators or as macros, which Swift sees in one build
/// and not in another.
enum SocketWords {
    static let stream: Int32 = 1
    static let shutBoth: Int32 = 2
    static let noSignal: Int32 = 0x4000
}
