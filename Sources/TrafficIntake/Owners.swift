internal import CSimdjson
internal import Rollouts

/// Whose a target is.
enum Owner: Hashable, Sendable {
    case stable, canary
    /// An address behind which both versions stand: a failed try on it is nobody's.
    case both

    func joined(with other: Owner) -> Owner { self == other ? self : .both }
}

/// Which version a target's name, and an address that was tried, belongs to.
///
/// Made when a rollout is watched and read without a lock for each record: a hash table of a few
/// entries, whose texts are compared in full.
final class Owners: Sendable {
    private struct Entry: Sendable {
        let hash: UInt64
        let text: [UInt8]
        /// -1: the text is a whole name, `host:port`, not an address.
        let port: Int32
        let owner: Owner
    }

    /// A power of two, at least twice the entries; open addressing, -1 ends a run.
    private let slots: [Int32]
    private let entries: [Entry]
    /// Some target is a host name: which addresses it has, records may tell.
    let hasHostNames: Bool

    convenience init(_ traffic: WatchedTraffic, learned: [LogAddress: Owner]) {
        var names: [String: Owner] = [:]
        var addresses = learned
        var hasHostNames = false
        func add(_ targets: [TargetAddress], _ owner: Owner) {
            for target in targets {
                let name = target.description
                names[name] = names[name]?.joined(with: owner) ?? owner
                let known = traffic.addresses[name] ?? []
                hasHostNames = hasHostNames || !target.isNumeric
                for text in known + (target.isNumeric ? [name] : []) {
                    guard let address = LogAddress(text) else { continue }
                    addresses[address] = addresses[address]?.joined(with: owner) ?? owner
                }
            }
        }
        add(traffic.stable, .stable)
        add(traffic.canary, .canary)
        self.init(names: names, addresses: addresses, hasHostNames: hasHostNames)
    }

    private init(names: [String: Owner], addresses: [LogAddress: Owner], hasHostNames: Bool) {
        self.hasHostNames = hasHostNames
        entries =
            names.map { name, owner in
                Self.entry(Array(name.utf8), port: -1, owner)
            }
            + addresses.map { address, owner in
                Self.entry(address.ip, port: address.port, owner)
            }
        var size = 8
        while size < 2 * entries.count { size *= 2 }
        var slots = [Int32](repeating: -1, count: size)
        for (index, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(index)
        }
        self.slots = slots
    }

    private static func entry(_ text: [UInt8], port: Int32, _ owner: Owner) -> Entry {
        Entry(
            hash: text.withUnsafeBytes { hash(of: $0, port: port) }, text: text, port: port,
            owner: owner)
    }

    private static func hash(of text: UnsafeRawBufferPointer, port: Int32) -> UInt64 {
        csj_hash(text.baseAddress, text.count)
            ^ UInt64(UInt32(bitPattern: port)) &* 0x9E37_79B9_7F4A_7C15
    }

    /// The owner of a target as Kong names it; nil: foreign.
    func owner(ofTarget name: CSJText) -> Owner? {
        if let owner = find(name.bytes, port: -1) { return owner }
        // Kong keeps the spelling of whoever added the target.
        guard name.bytes.contains(where: { Self.isRespelled($0) }), name.length <= 300,
            let target = TargetAddress(String(decoding: name.bytes, as: UTF8.self))
        else { return nil }
        return find(Array(target.description.utf8), port: -1)
    }

    /// The owner of an address that was tried; nil: unknown.
    func owner(of attempt: CSJAttempt) -> Owner? {
        let ip = attempt.ip.bytes
        if let owner = find(ip, port: attempt.port) { return owner }
        guard ip.contains(UInt8(ascii: ":")), let address = LogAddress(attempt)?.respelled
        else { return nil }
        return find(address.ip, port: address.port)
    }

    /// A capital letter, or the bracket before IPv6.
    private static func isRespelled(_ byte: UInt8) -> Bool { (0x41...0x5B).contains(byte) }

    private func find(_ text: [UInt8], port: Int32) -> Owner? {
        text.withUnsafeBytes { find($0, port: port) }
    }

    private func find(_ text: UnsafeRawBufferPointer, port: Int32) -> Owner? {
        let hash = Self.hash(of: text, port: port)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let entry = entries[Int(slots[slot])]
            if entry.hash == hash, entry.port == port, entry.text.elementsEqual(text) {
                return entry.owner
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }
}
