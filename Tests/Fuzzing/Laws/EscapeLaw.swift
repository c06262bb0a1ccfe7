import Foundation
import HTTPMessage

/// Percent escapes are decoded as Foundation does, or refused.
public struct EscapeLaw: FuzzLaw {
    public static let name = "escapes"
    public static let seeds: [[UInt8]] = [
        "/v1/rollouts/fraud%2Dv7", "label=team%3Arisk&limit=50&cursor=a%2Bb%3D", "%E2%82%AC",
        "a+b=c%20d&&e==f&=g", "%ff%fe", "%00", "%", "%4", "%zz",
    ].map { Array($0.utf8) }
    public static let tokens = ["%", "%2F", "%00", "%C3%A9", "%C0%AF", "%ED%A0%80", "+", "&", "="]

    public init() {}

    public func check(_ input: [UInt8]) throws -> Reading {
        guard let text = String(validating: input, as: UTF8.self) else { return .refused }
        try checkQuery(text)
        let theirs = text.removingPercentEncoding
        let ours: String
        do { ours = try PercentDecoding.decode(text) } catch {
            switch error {
            case .holdsNUL: break
            case .badEscape: try require(theirs == nil, "a bad escape, read by Foundation")
            // Foundation repairs what is not UTF-8, sometimes.
            case .notUTF8: try require(Self.isBroken(text), "refused, but it is UTF-8")
            }
            return .refused
        }
        guard let theirs else { throw Violation("taken here, refused by Foundation") }
        try require(Array(ours.utf8) == Array(theirs.utf8), "Foundation decodes another text")
        try require(!ours.utf8.contains(0), "a NUL came through")
        let encoded = Self.encoded(ours)
        try require(
            try Array(PercentDecoding.decode(encoded).utf8) == Array(ours.utf8),
            "what was encoded is decoded to something else")
        return .taken
    }

    /// Decoded a byte at a time.
    private static func isBroken(_ text: String) -> Bool {
        var decoded: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            rest = rest.dropFirst(2)
            decoded.append(UInt8(digits, radix: 16) ?? 0xFF)
        }
        return String(validating: decoded, as: UTF8.self) == nil
    }

    private func checkQuery(_ text: String) throws {
        let pairs: [(name: String, value: String)]
        do { pairs = try PercentDecoding.query(text) } catch { return }
        let printed = pairs.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
            .joined(separator: "&")
        let again = try PercentDecoding.query(printed)
        try require(
            again.map(\.name) == pairs.map(\.name) && again.map(\.value) == pairs.map(\.value),
            "a query that was printed is read as another")
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "%0\(digits)" : "%\(digits)"
        }.joined()
    }
}
