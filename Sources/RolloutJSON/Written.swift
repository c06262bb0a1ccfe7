import JSONText

/// A part of a document as it was last written, to be written again while it stays the same.
public struct Written<Value: Equatable & Sendable>: Sendable {
    private let value: Value
    private let json: [UInt8]

    /// Writes `value` into `writer` as `write` does, or as it was written before.
    static func put(
        _ value: Value, again kept: inout Written?, into writer: inout JSONWriter,
        _ write: (inout JSONWriter) -> Void
    ) {
        if let kept, kept.value == value { return writer.raw(kept.json) }
        let start = writer.mark()
        write(&writer)
        kept = Written(value: value, json: Array(writer.bytes[start...]))
    }
}
