/// The name of a rollout: `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`.
public struct RolloutName: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let description: String

    /// Returns nil for a text of another form.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard (1...63).contains(bytes.count), bytes.first != UInt8(ascii: "-"),
            bytes.last != UInt8(ascii: "-")
        else { return nil }
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"):
                continue
            default:
                return nil
            }
        }
        description = text
    }

    public static func < (one: RolloutName, other: RolloutName) -> Bool {
        one.description < other.description
    }
}
