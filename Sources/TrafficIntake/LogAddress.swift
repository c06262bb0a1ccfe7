internal import CSimdjson
internal import Rollouts

/// An address as log records write it: `ip` and `port`. IPv6 in one form, without brackets.
struct LogAddress: Hashable, Sendable {
    let ip: [UInt8]
    let port: Int32

    /// Reads `ip:port` or `[ip]:port`; nil for anything else.
    init?(_ text: String) {
        guard let address = TargetAddress(text) else { return nil }
        var host = Substring(address.host)
        if host.hasPrefix("[") { host = host.dropFirst().dropLast() }
        ip = Array(host.utf8)
        port = Int32(address.port)
    }

    /// Nil: no address that could be a target's.
    init?(_ attempt: CSJAttempt) {
        guard attempt.ip.length <= 64, attempt.port > 0 else { return nil }
        let ip = String(decoding: attempt.ip.bytes, as: UTF8.self)
        let isBare = ip.contains(":") && !ip.hasPrefix("[")
        self.init(isBare ? "[\(ip)]:\(attempt.port)" : "\(ip):\(attempt.port)")
    }
}

extension TargetAddress {
    /// The host is an IP address: Kong resolves nothing.
    var isNumeric: Bool {
        host.hasPrefix("[")
            || host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
    }
}

extension CSJText {
    /// Valid as long as the reader's sink has not returned.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: start, count: Int(length))
    }

    /// IPv6, which has many spellings of one address.
    var isSpelledVariously: Bool { bytes.contains(0x3A) }
}
