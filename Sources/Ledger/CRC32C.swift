/// The checksum of every line: CRC-32C (Castagnoli), as in iSCSI (RFC 3720, appendix B.4).
enum CRC32C {
    /// Eight tables of 256, so that eight bytes are folded at a time.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var rest = UInt32(byte)
            for _ in 0..<8 { rest = rest & 1 == 1 ? rest >> 1 ^ 0x82F6_3B78 : rest >> 1 }
            tables[byte] = rest
        }
        for place in 256..<tables.count {
            let before = tables[place - 256]
            tables[place] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        return tables
    }()

    static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { table in
            var crc: UInt32 = ~0
            var place = 0
            while place &+ 8 <= bytes.count {
                let word =
                    UInt64(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                    ^ UInt64(crc)
                crc = table[1792 &+ Int(word & 0xFF)] ^ table[1536 &+ Int(word >> 8 & 0xFF)]
                crc ^= table[1280 &+ Int(word >> 16 & 0xFF)] ^ table[1024 &+ Int(word >> 24 & 0xFF)]
                crc ^= table[768 &+ Int(word >> 32 & 0xFF)] ^ table[512 &+ Int(word >> 40 & 0xFF)]
                crc ^= table[256 &+ Int(word >> 48 & 0xFF)] ^ table[Int(word >> 56)]
                place &+= 8
            }
            while place < bytes.count {
                crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[place])) & 0xFF)]
                place &+= 1
            }
            return ~crc
        }
    }
}
