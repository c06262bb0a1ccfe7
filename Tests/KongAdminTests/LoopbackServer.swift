import Foundation
import Glibc
import Synchronization

/// A scripted HTTP/1.1 server on a loopback port of the kernel's choosing. One thread a connection.
final class LoopbackServer: Sendable {
    struct Request: Sendable {
        let method: String
        let target: String
        /// Names in lower case.
        let headers: [String: String]
        let body: String
        /// Counts connections from 1.
        let connection: Int
    }
    enum Reply: Sendable {
        case json(Int, String, headers: [String: String] = [:])
        case html(Int, String)
        case raw(String)
        /// Reads on, answering nothing.
        case silence
        case hangUp
    }

    let port: UInt16
    private let listener: Int32
    private let seen = Mutex<[Request]>([])
    private let script: @Sendable (Request) -> Reply

    var requests: [Request] { seen.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(port)" }

    init(script: @escaping @Sendable (Request) -> Reply) throws {
        self.script = script
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let port = withUnsafeMutablePointer(to: &address) { pointer -> UInt16? in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> UInt16? in
                guard bind(descriptor, generic, length) == 0, listen(descriptor, 64) == 0,
                    getsockname(descriptor, generic, &length) == 0
                else { return nil }
                return generic.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    UInt16(bigEndian: $0.pointee.sin_port)
                }
            }
        }
        guard let port else { throw POSIXError(.EADDRNOTAVAIL) }
        self.port = port
        Thread.detachNewThread { [self] in
            var count = 0
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                count += 1
                let number = count
                Thread.detachNewThread { [self] in serve(connection, number) }
            }
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ descriptor: Int32, _ number: Int) {
        defer { close(descriptor) }
        var buffer: [UInt8] = []
        while let request = read(descriptor, number, &buffer) {
            seen.withLock { $0.append(request) }
            switch script(request) {
            case .json(let status, let body, let headers):
                var head = "HTTP/1.1 \(status) X\r\ncontent-type: application/json\r\n"
                for (name, value) in headers { head += "\(name): \(value)\r\n" }
                if status != 204 { head += "content-length: \(body.utf8.count)\r\n" }
                write(descriptor, head + "\r\n" + (status == 204 ? "" : body))
            case .html(let status, let body):
                write(
                    descriptor,
                    "HTTP/1.1 \(status) X\r\ncontent-type: text/html\r\n"
                        + "content-length: \(body.utf8.count)\r\n\r\n\(body)")
            case .raw(let text):
                write(descriptor, text)
                return
            case .silence: continue
            case .hangUp: return
            }
            if request.headers["connection"] == "close" { return }
        }
    }

    private func write(_ descriptor: Int32, _ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let sent = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return }
            bytes = bytes.dropFirst(sent)
        }
    }

    private func read(_ descriptor: Int32, _ number: Int, _ buffer: inout [UInt8]) -> Request? {
        let end = Array("\r\n\r\n".utf8)
        func fill() -> Bool {
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return false }
            buffer += chunk[..<count]
            return true
        }
        while true {
            if let range = buffer.firstRange(of: end) {
                let head = String(decoding: buffer[..<range.lowerBound], as: UTF8.self)
                let lines = head.components(separatedBy: "\r\n")
                let first = lines[0].split(separator: " ").map(String.init)
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
                }
                let length = Int(headers["content-length"] ?? "") ?? 0
                while buffer.count < range.upperBound + length {
                    guard fill() else { return nil }
                }
                let body = buffer[range.upperBound..<(range.upperBound + length)]
                let request = Request(
                    method: first[0], target: first[1], headers: headers,
                    body: String(decoding: body, as: UTF8.self), connection: number)
                buffer.removeFirst(range.upperBound + length)
                return request
            }
            guard fill() else { return nil }
        }
    }
}
