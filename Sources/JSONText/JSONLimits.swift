/// How much a JSON text may demand of its reader.
public struct JSONLimits: Sendable, Equatable {
    /// Arrays and objects inside each other, the outermost counted as one.
    public let maxDepth: Int
    /// Length of the whole text.
    public let maxBytes: Int

    /// - Parameters:
    ///   - maxDepth: 1…512, and brought into that: the reader calls itself once a level.
    ///   - maxBytes: At least 1.
    public init(maxDepth: Int = 64, maxBytes: Int = 16 << 20) {
        self.maxDepth = min(max(maxDepth, 1), 512)
        self.maxBytes = max(maxBytes, 1)
    }
}
