public import JSONText

/// One thing that is wrong with what was sent: where, and what is allowed there.
public struct Fault: Hashable, Sendable {
    public let pointer: JSONPointer
    /// A sentence for people.
    public let detail: String

    public init(_ pointer: JSONPointer, _ detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}

/// Everything that is wrong with what was sent, in the order of the reading.
public struct Faults: Error, Hashable, Sendable {
    /// 1...100.
    public let all: [Fault]

    public static let limit = 100

    public init(_ all: [Fault]) { self.all = Array(all.prefix(Self.limit)) }
}
