/// A member whose value many documents have in common, letter by letter: it is read in the first
/// and passed over in those that follow.
///
/// Only objects are passed over. Whoever reads the documents keeps what the object meant.
public struct RepeatedMember: Sendable {
    public let name: String
    /// The value as it was last read; empty: not yet.
    private(set) var text: [UInt8] = []
    /// Whether the document read last has the same value as one before. A null stands in its place.
    public private(set) var isRepeated = false
    private let mark: NameMark

    public init(_ name: String) {
        self.name = name
        mark = NameMark(name)
    }

    /// - Parameter mark: Another name's.
    func hasName(_ name: String, _ mark: NameMark) -> Bool {
        mark == self.mark && (mark.isWhole || name.hasSameBytes(as: self.name))
    }

    mutating func beginDocument() { isRepeated = false }

    /// Where the value that begins at `start` ends, if it is the same again.
    mutating func end(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        let rest = UnsafeBufferPointer(rebasing: text[start...])
        guard !self.text.isEmpty, rest.starts(with: self.text) else { return nil }
        isRepeated = true
        return start + self.text.count
    }

    mutating func remember(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.text = Array(text[range])
        isRepeated = false
    }
}
