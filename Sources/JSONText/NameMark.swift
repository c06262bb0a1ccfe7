/// What tells most names apart at a glance: the first eight bytes, the last seven, the length.
///
/// A document of a hundred members is searched a hundred times.
struct NameMark: Equatable, Sendable {
    private let first: UInt64
    /// The length in the lowest byte.
    private let last: UInt64
    /// Nothing of the name is left out: equal marks mean equal names.
    let isWhole: Bool

    init(_ name: String) {
        let bytes = name.utf8Span.span
        let length = bytes.count
        isWhole = length <= 15
        first = Self.word(bytes, 0..<min(8, length))
        let rest = Self.word(bytes, max(min(8, length), length - 7)..<length)
        last = rest << 8 | UInt64(truncatingIfNeeded: length)
    }

    private static func word(_ bytes: Span<UInt8>, _ places: Range<Int>) -> UInt64 {
        var word: UInt64 = 0
        for place in places { word = word << 8 | UInt64(bytes[place]) }
        return word
    }
}
