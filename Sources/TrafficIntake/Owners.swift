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
    /// Plain numbers, so that a look-up counts no references.
    private struct Entry: Sendable {
        var hash: UInt64 = 0
        /// Where the text stands among ``texts``.
        var start: UInt32 = 0
        var length: UInt32 = 0
        /// -1: the text is a whole name, `host:port`, not an address.
        var port: Int32 = -1
        /// Nil: the slot is free, which ends a run.
        var owner: Owner?
    }

    /// A power of two, at least twice the entries; open addressing.
    private let slots: [Entry]
    private let texts: [UInt8]
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
        var size = 8
        while size < 2 * (names.count + addresses.count) { size *= 2 }
        var slots = [Entry](repeating: Entry(), count: size)
        var texts: [UInt8] = []
        func enter(_ text: [UInt8], port: Int32, _ owner: Owner) {
            let hash = text.withUnsafeBytes { Self.hash(of: $0, port: port) }
            var slot = Int(truncatingIfNeeded: hash) & (size - 1)
            while slots[slot].owner != nil { slot = (slot + 1) & (size - 1) }
            slots[slot] = Entry(
                hash: hash, start: UInt32(texts.count), length: UInt32(text.count), port: port,
                owner: owner)
            texts += text
        }
        for (name, owner) in names { enter(Array(name.utf8), port: -1, owner) }
        for (address, owner) in addresses { enter(address.ip, port: address.port, owner) }
        self.slots = slots
        self.texts = texts
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
        while let owner = slots[slot].owner {
            let entry = slots[slot]
            if entry.hash == hash, entry.port == port, isText(of: entry, text) { return owner }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func isText(of entry: Entry, _ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == Int(entry.length) else { return false }
        return texts.withUnsafeBytes { texts in
            let start = Int(entry.start)
            return texts[start..<start + text.count].elementsEqual(text)
        }
    }
}
