import Testing

@testable import Ledger

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4, and the check value of the CRC catalogue.
    static let known: [(bytes: [UInt8], sum: UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ([UInt8](0..<32), 0x46DD_794E),
        ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
        ([UInt8]("123456789".utf8), 0xE306_9283),
        ([], 0),
    ]

    @Test(arguments: known)
    func `known texts have their known sums`(bytes: [UInt8], sum: UInt32) {
        #expect(bytes.withUnsafeBytes { CRC32C.checksum(of: $0) } == sum)
    }
}
