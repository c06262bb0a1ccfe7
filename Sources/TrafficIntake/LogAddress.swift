internal import CSimdjson
internal import Rollouts

/// An address as log records write it: `ip` and `port`, without brackets.
struct LogAddress: Hashable, Sendable {
    let ip: [UInt8]
    let port: Int32

    /// Reads `ip:port` or `[ip]:port`, IPv6 into one form; nil for anything else.
    init?(_ text: String) {
        guard let address = TargetAddress(text) else { return nil }
        var host = Substring(address.host)
        if host.hasPrefix("[") { host = host.dropFirst().dropLast() }
        ip = Array(host.utf8)
        port = Int32(address.port)
    }

    /// As it stands: one Kong spells an address always in one way. Nil: it cannot be a target's.
    init?(_ attempt: CSJAttempt) {
        guard (1...64).contains(attempt.ip.length), attempt.port > 0 else { return nil }
        ip = Array(attempt.ip.bytes)
        port = attempt.port
    }

    /// IPv6 in one form; nil where there is no other form.
    var respelled: LogAddress? {
        guard ip.contains(UInt8(ascii: ":")) else { return nil }
        let text = String(decoding: ip, as: UTF8.self)
        return LogAddress(text.hasPrefix("[") ? "\(text):\(port)" : "[\(text)]:\(port)")
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
}
