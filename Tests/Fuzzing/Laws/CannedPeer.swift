import Foundation
import Glibc
import Synchronization

/// A server that answers every request with the same bytes, on one thread.
final class CannedPeer: Sendable {
    let port: UInt16
    private let listening: Int32
    private let answer = Mutex<[UInt8]>([])

    init() throws {
        let listening = socket(AF_INET, SocketWords.stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listening, pointer, size) == 0 && listen(listening, 64) == 0
                    && getsockname(listening, pointer, &size) == 0
            }
        }
        guard bound else { throw Violation("no port: \(errno)") }
        self.listening = listening
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in serve() }
    }

    func say(status: Int, body: [UInt8]) {
        let head =
            "HTTP/1.1 \(status) Said\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.count)\r\n\r\n"
        answer.withLock { $0 = Array(head.utf8) + body }
    }

    func close() { shutdown(listening, SocketWords.shutBoth) }

    private func serve() {
        while true {
            let connection = accept(listening, nil, nil)
            guard connection >= 0 else { break }
            Thread.detachNewThread { [self] in talk(on: connection) }
        }
        Glibc.close(listening)
    }

    private func talk(on connection: Int32) {
        var piece = [UInt8](repeating: 0, count: 8192)
        while recv(connection, &piece, piece.count, 0) > 0 {
            let bytes = answer.withLock { $0 }
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    send(connection, $0.baseAddress, $0.count, SocketWords.noSignal)
                }
                guard count > 0 else { break }
                sent += count
            }
        }
        Glibc.close(connection)
    }
}
