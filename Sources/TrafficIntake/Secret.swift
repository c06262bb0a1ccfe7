/// A word that only Kong's plugin knows.
struct Secret: Sendable {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    /// Takes as long for a wrong word as for the right one, wherever they differ.
    func matches(_ text: String) -> Bool {
        var given = text.utf8.makeIterator()
        var difference = text.utf8.count ^ bytes.count
        for byte in bytes { difference |= Int(byte ^ (given.next() ?? 0)) }
        return difference == 0 && !bytes.isEmpty
    }

    /// Compared where there is no rollout of that name, so that the time does not tell.
    static let ofNobody = Secret(String(repeating: "0", count: 32))
}
