/// Something that must hold for every input, however broken.
public protocol FuzzLaw: Sendable {
    /// Names its directory in the corpus.
    static var name: String { get }
    /// Inputs that are sound, to begin from.
    static var seeds: [[UInt8]] { get }
    /// Pieces that inputs are made of.
    static var tokens: [String] { get }

    init() async throws
    /// - Throws: ``Violation``.
    func check(_ input: [UInt8]) async throws -> Reading
    func close() async
}

extension FuzzLaw {
    public func close() async {}
}

/// What became of an input.
public enum Reading: Sendable {
    case taken, refused
}

/// A law that did not hold, in words.
public struct Violation: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// - Throws: ``Violation`` unless `holds`.
func require(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws {
    if !holds { throw Violation(otherwise()) }
}

/// Every law there is.
public enum FuzzLaws {
    public static let all: [any FuzzLaw.Type] = [
        JSONLaw.self, EscapeLaw.self, RequestLaw.self, JournalLaw.self, HeadLaw.self,
        TelemetryLaw.self, AdminLaw.self,
    ]
}
