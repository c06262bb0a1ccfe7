/// What tells most names apart at a glance: the length, the first eight bytes, the last eight.
///
/// A document of a hundred members is searched a hundred times.
struct NameMark: Equatable, Sendable {
    private let first: UInt64
    /// 0 where the first are all.
    private let last: UInt64
    private let length: Int

    /// Nothing of the name is left out: equal marks mean equal names.
    var isWhole: Bool { length <= 16 }

    init(_ name: String) {
        let bytes = name.utf8Span.span.bytes
        length = bytes.byteCount
        if length < 8 {
            var word: UInt64 = 0
            for place in bytes.byteOffsets {
                word = word << 8 | UInt64(bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self))
            }
            (first, last) = (word, 0)
        } else {
            first = bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
            last =
                length == 8
                ? 0 : bytes.unsafeLoadUnaligned(fromByteOffset: length - 8, as: UInt64.self)
        }
    }
}
