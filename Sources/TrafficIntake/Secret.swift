internal import CSimdjson

/// A word that only Kong's plugin knows.
struct Secret: Sendable {
    private let bytes: [UInt8]
    /// By which it is found among others.
    let hash: UInt64

    init(_ text: String) {
        let bytes = Array(text.utf8)
        hash = Self.hash(of: bytes.span)
        self.bytes = bytes
    }

    static func hash(of text: Span<UInt8>) -> UInt64 {
        text.withUnsafeBytes { csj_hash($0.baseAddress, $0.count) }
    }

    /// Takes as long for a wrong word as for the right one, wherever they differ.
    func matches(_ text: Span<UInt8>) -> Bool {
        var difference = text.count ^ bytes.count
        for place in 0..<min(text.count, bytes.count) {
            difference |= Int(text[place] ^ bytes[place])
        }
        return difference == 0 && !bytes.isEmpty
    }

    func matches(_ text: String) -> Bool { matches(Array(text.utf8).span) }
}
