import Crypto
public import Rollouts
import Synchronization

/// What a token allows; each role allows what those before it allow.
public enum Role: String, CaseIterable, Comparable, Sendable {
    /// Every GET and dry runs.
    case viewer
    /// Create, PATCH, verbs, DELETE.
    case `operator`
    /// `adopt` and `abandon`.
    case admin

    public static func < (one: Role, other: Role) -> Bool { one.rank < other.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .admin: 2
        }
    }
}

/// A bearer token, of which only the digest is known.
public struct Token: Hashable, Sendable {
    /// The actor in history; may repeat, so that a token can be replaced by another.
    public let name: String
    public let role: Role
    /// SHA-256 of the secret: 32 bytes.
    public let digest: [UInt8]
    /// Nil: never.
    public let expires: Timestamp?

    /// Returns nil unless `sha256` is 64 hexadecimal digits and the name 1...63 characters.
    public init?(name: String, role: Role, sha256: String, expires: Timestamp?) {
        guard (1...63).contains(name.unicodeScalars.count),
            let digest = Hexadecimal.bytes(sha256), digest.count == 32
        else { return nil }
        self.name = name
        self.role = role
        self.digest = digest
        self.expires = expires
    }
}

/// The tokens that are accepted now; can be replaced while the service runs.
public final class TokenSet: Sendable {
    private let tokens: Mutex<[Token]>
    /// Beside the tokens, because every request asks for it, and more than once.
    private let atomicIsEmpty: Atomic<Bool>

    public init(_ tokens: [Token]) {
        self.tokens = Mutex(tokens)
        atomicIsEmpty = Atomic(tokens.isEmpty)
    }

    public func replace(_ tokens: [Token]) {
        self.tokens.withLock { present in
            present = tokens
            atomicIsEmpty.store(tokens.isEmpty, ordering: .releasing)
        }
    }

    public var isEmpty: Bool { atomicIsEmpty.load(ordering: .acquiring) }

    /// The token that a secret is of. Every token is compared, in a time that does not depend on
    /// where they differ.
    func token(for secret: String, at now: Timestamp) -> Token? {
        let digest = Array(SHA256.hash(data: Array(secret.utf8)))
        return tokens.withLock { tokens in
            var found: Token?
            for token in tokens {
                let isAlive = token.expires.map { now < $0 } ?? true
                if Self.areEqual(token.digest, digest), isAlive { found = token }
            }
            return found
        }
    }

    private static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        var difference = one.count ^ other.count
        for (left, right) in zip(one, other) { difference |= Int(left ^ right) }
        return difference == 0
    }
}

enum Hexadecimal {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        for byte in bytes {
            for half in [byte >> 4, byte & 15] {
                digits.append(half < 10 ? 0x30 + half : 0x61 + half - 10)
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[place]), let low = value(digits[place + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
