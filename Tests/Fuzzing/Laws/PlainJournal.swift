import Foundation

/// A journal read a second way: line by line with Foundation, and another CRC-32C.
struct PlainJournal {
    /// The last document of each key; nil: forgotten.
    private(set) var documents: [String: String?] = [:]
    private(set) var last = 0
    /// Whole lines after the format line.
    private(set) var lines = 0

    /// Nil: the format line is none.
    init?(_ bytes: [UInt8]) {
        var end = bytes.count
        while end > 0, bytes[end - 1] == 0 { end -= 1 }
        var rest = bytes[..<end]
        guard let stop = rest.firstIndex(of: 10),
            let head = Self.object(Array(rest[..<stop])), let after = head["after"] as? Int
        else { return nil }
        last = after
        rest = rest[(stop + 1)...]
        while let stop = rest.firstIndex(of: 10) {
            guard let line = Self.line(Array(rest[..<stop])), line["s"] as? Int == last + 1 else {
                return
            }
            last += 1
            lines += 1
            if let key = line["k"] as? String, let document = line["d"] {
                documents[key] = .some(document is NSNull ? nil : Self.text(document))
            }
            rest = rest[(stop + 1)...]
        }
    }

    private static func line(_ raw: [UInt8]) -> [String: Any]? {
        guard raw.starts(with: Array("{\"c\":\"".utf8)), raw.count > 15 else { return nil }
        let digits = String(decoding: raw[6..<14], as: UTF8.self)
        guard UInt32(digits, radix: 16) == sum(raw[15...]) else { return nil }
        return object(raw)
    }

    static func object(_ raw: [UInt8]) -> [String: Any]? {
        do { return try JSONSerialization.jsonObject(with: Data(raw)) as? [String: Any] } catch {
            return nil
        }
    }

    static func text(_ value: Any) -> String? {
        do {
            return String(
                decoding: try JSONSerialization.data(
                    withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed]),
                as: UTF8.self)
        } catch { return nil }
    }

    /// CRC-32C, a bit at a time.
    static func sum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var total = UInt32.max
        for byte in bytes {
            total ^= UInt32(byte)
            for _ in 0..<8 { total = total & 1 == 1 ? total >> 1 ^ 0x82F6_3B78 : total >> 1 }
        }
        return ~total
    }
}
