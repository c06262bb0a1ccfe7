/// `/v1/telemetry/kong/{name}/{secret}`, as Kong was told to post to.
struct TelemetryPath {
    private static let prefix = "/v1/telemetry/kong/"
    /// What is compared where there is nothing to compare with; has a form that no secret has.
    static let nobodysSecret = String(repeating: "-", count: 32)

    let name: String
    private let secret: Substring

    /// Returns nil for every other path.
    init?(_ path: String) {
        guard path.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let rest = path.dropFirst(Self.prefix.count)
        let end = rest.utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        name = String(rest[..<end])
        secret = rest[end...].dropFirst()
    }

    /// Name and secret as ranges of the bytes of a path; nil for every other path.
    static func parts(
        of path: Span<UInt8>
    ) -> (name: Range<Int>, secret: Range<Int>)? {
        let prefix = Self.prefix.utf8
        guard path.count > prefix.count else { return nil }
        var place = 0
        for byte in prefix {
            guard path[place] == byte else { return nil }
            place += 1
        }
        let start = place
        while place < path.count, path[place] != UInt8(ascii: "/") { place += 1 }
        guard place < path.count else { return nil }
        return (start..<place, place + 1..<path.count)
    }

    /// Compares in a time that does not depend on where the two differ.
    func hasSecret(_ wanted: String) -> Bool {
        var difference = secret.utf8.count ^ wanted.utf8.count
        for (left, right) in zip(secret.utf8, wanted.utf8) { difference |= Int(left ^ right) }
        return difference == 0
    }
}
