public import JSONText

/// A stored document that cannot be read: where in it, and what was expected there.
public struct StoredFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A JSON pointer; empty for the whole document.
    public let pointer: String
    public let expected: String

    public init(_ pointer: JSONPointer, _ expected: String) {
        self.pointer = pointer.description
        self.expected = expected
    }

    public var description: String {
        "at \(pointer.isEmpty ? "the whole document" : pointer): \(expected)"
    }
}
